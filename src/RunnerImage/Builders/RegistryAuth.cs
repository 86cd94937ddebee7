using System.Text.Json;
using RunnerImage.Posix;

namespace RunnerImage.Builders;

/// <summary>Gives builds the registry credentials of the pool, by docker's own configuration.</summary>
internal static class RegistryAuth
{
    private const string Auths = "auths";

    /// <summary>Puts the <c>auths</c> of a Secret into <c>config.json</c>; the rest of that file stays.</summary>
    /// <param name="secretFile">A <c>.dockerconfigjson</c>.</param>
    /// <param name="dockerFolder">The folder of <c>config.json</c>.</param>
    /// <returns>What is wrong, in a sentence; null if it was done.</returns>
    public static string? Merge(string secretFile, string dockerFolder)
    {
        var target = Path.Combine(dockerFolder, "config.json");
        try
        {
            using var secret = JsonDocument.Parse(File.ReadAllBytes(secretFile));
            if (secret.RootElement.ValueKind != JsonValueKind.Object
                || !secret.RootElement.TryGetProperty(Auths, out var auths) || auths.ValueKind != JsonValueKind.Object)
                return NotCredentials(secretFile);
            using var config = File.Exists(target) ? JsonDocument.Parse(File.ReadAllBytes(target)) : null;
            if (config is { RootElement.ValueKind: not JsonValueKind.Object })
                return $"{target} is not a JSON object, so the registry credentials of the pool were not added to it";
            Directory.CreateDirectory(dockerFolder);
            PrivateFile.Write(target, Merged(config?.RootElement, auths));
            return null;
        }
        catch (JsonException)
        {
            // Without the parser's words: they may quote a credential.
            return $"{NotCredentials(secretFile)} (or {target} is not JSON)";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"the registry credentials of the pool in {secretFile} could not be put into {target} "
                + $"({error.GetType().Name}); the first must be readable for the user of this container, the second "
                + "writable";
        }
    }

    private static string NotCredentials(string file) =>
        $"{file} holds no registry credentials: the Secret of spec.registryCredentialsSecret must be of the type "
        + "kubernetes.io/dockerconfigjson";

    private static byte[] Merged(JsonElement? config, JsonElement added)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var property in config?.EnumerateObject() ?? default)
                if (property.Name != Auths)
                    property.WriteTo(json);
            json.WriteStartObject(Auths);
            if (config is { } old && old.TryGetProperty(Auths, out var present)
                && present.ValueKind == JsonValueKind.Object)
                foreach (var entry in present.EnumerateObject())
                    if (!added.TryGetProperty(entry.Name, out _))
                        entry.WriteTo(json);
            foreach (var entry in added.EnumerateObject())
                entry.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
