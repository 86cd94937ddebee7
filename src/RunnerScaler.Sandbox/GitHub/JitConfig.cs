using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// What the sandbox reads from an encoded just-in-time configuration: base64 of a JSON object of file names and their
/// contents, each base64 again, as the runner of GitHub expects it
/// (https://github.com/actions/runner/blob/main/src/Runner.Listener/Runner.cs).
/// </summary>
internal sealed class JitConfig(long runnerId, string secret)
{
    public long RunnerId { get; } = runnerId;

    /// <summary>Proves that the bearer was given the configuration.</summary>
    public string Secret { get; } = secret;

    public static string Encode(Runner runner, string secret, string workFolder)
    {
        var files = new JsonObject
        {
            [".runner"] = File(new JsonObject
            {
                ["AgentId"] = $"{runner.Id}",
                ["AgentName"] = runner.Name,
                ["DisableUpdate"] = "True",
                ["Ephemeral"] = "True",
                ["PoolId"] = $"{runner.GroupId}",
                ["PoolName"] = runner.GroupName,
                ["ServerUrl"] = "https://pipelines.sandbox.invalid/",
                ["ServerUrlV2"] = "https://broker.sandbox.invalid/",
                ["UseV2Flow"] = "True",
                ["WorkFolder"] = workFolder,
            }),
            [".credentials"] = File(new JsonObject
            {
                ["Scheme"] = "OAuth",
                ["Data"] = new JsonObject
                {
                    ["ClientId"] = secret[..32],
                    ["AuthorizationUrl"] = "https://tokens.sandbox.invalid/",
                    ["RequireFipsCryptography"] = "True",
                },
            }),
            [".credentials_rsaparams"] = File(new JsonObject { ["d"] = secret, ["exponent"] = "AQAB" }),
        };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(files.ToJsonString()));
    }

    /// <summary>Reads an encoded configuration; false when it is none.</summary>
    public static bool TryDecode(string encoded, out JitConfig config)
    {
        config = new JitConfig(0, "");
        try
        {
            if (!Base64.IsValid(encoded)) return false;
            var files = JsonNode.Parse(Convert.FromBase64String(encoded));
            if (Content(files, ".runner") is not { } runner
                || Content(files, ".credentials_rsaparams") is not { } key
                || !long.TryParse((string?)runner["AgentId"], out var id)
                || (string?)key["d"] is not { } secret)
                return false;
            config = new JitConfig(id, secret);
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string File(JsonObject content) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(content.ToJsonString()));

    private static JsonObject? Content(JsonNode? files, string name) =>
        (string?)files?[name] is { } content ? JsonNode.Parse(Convert.FromBase64String(content)) as JsonObject : null;
}
