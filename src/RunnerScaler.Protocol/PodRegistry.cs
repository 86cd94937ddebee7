using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RunnerScaler.Protocol;

/// <summary>
/// How the programs of a pod reach a registry, as <see cref="PodVariables.Registries"/> tells them. A job can write
/// another list for its own programs: what cannot be is left out.
/// </summary>
/// <param name="Host">With its port, if it has one.</param>
/// <param name="Mirrors">Asked first, in this order.</param>
/// <param name="Http">Plain HTTP.</param>
/// <param name="Insecure">Certificates are not checked.</param>
internal sealed partial record PodRegistry(string Host, ImmutableArray<string> Mirrors, bool Http, bool Insecure)
{
    /// <summary>Most bytes of a list: as much as the kernel allows for a variable.</summary>
    private const int Longest = 128 << 10;

    private const int LongestHost = 253;
    private const int MostRegistries = 20;
    private const int MostMirrors = 10;
    private const int HttpsPort = 443;

    /// <summary>The host without its port.</summary>
    public string Name => Host.Split(':')[0];

    /// <summary>Whether this is where it serves TLS.</summary>
    public bool IsAt(string host, int port) =>
        Host.Equals($"{host}:{port}", StringComparison.OrdinalIgnoreCase)
        || (port == HttpsPort && Host.Equals(host, StringComparison.OrdinalIgnoreCase));

    /// <summary>The list as the variable has it.</summary>
    public static string Write(IEnumerable<PodRegistry> registries)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("registries");
            foreach (var registry in registries)
                registry.WriteTo(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <returns>The registries of a list; none where it is none.</returns>
    public static ImmutableArray<PodRegistry> Read(string? list) =>
        TolerantJson.Object(Encoding.UTF8.GetBytes(list ?? ""), Longest) is { } root
            ? [.. TolerantJson.Each(root, "registries").Take(MostRegistries)
                .Select(ReadOne).OfType<PodRegistry>().DistinctBy(r => r.Host, StringComparer.OrdinalIgnoreCase)]
            : [];

    private static PodRegistry? ReadOne(JsonElement registry) =>
        TolerantJson.Text(registry, "host") is { Length: <= LongestHost } host && Hosts().IsMatch(host)
            ? new(
                host,
                [.. TolerantJson.Each(registry, "mirrors").Take(MostMirrors)
                    .Select(m => m.ValueKind == JsonValueKind.String ? m.GetString() : null).OfType<string>()
                    .Where(m => m.Length <= LongestHost && Mirror().IsMatch(m))],
                TolerantJson.Flag(registry, "http") ?? false,
                TolerantJson.Flag(registry, "insecure") ?? false)
            : null;

    private void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("host", Host);
        if (!Mirrors.IsEmpty)
        {
            json.WriteStartArray("mirrors");
            foreach (var mirror in Mirrors)
                json.WriteStringValue(mirror);
            json.WriteEndArray();
        }

        if (Http)
            json.WriteBoolean("http", true);
        if (Insecure)
            json.WriteBoolean("insecure", true);
        json.WriteEndObject();
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hosts();

    [GeneratedRegex(
        @"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[A-Za-z0-9._-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Mirror();
}
