using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Pools;

namespace RunnerScaler.Tests.Kubernetes.Pools;

/// <summary>Pools as the API server gives them.</summary>
internal static class PoolJson
{
    public const string Least = """
        {"github":{"credentialsSecret":"github-app","serves":[{"url":"https://github.com/Acme"}]},
         "labels":["self-hosted","linux"],"limits":{"maxRunners":20}}
        """;

    /// <summary>Every field that there is.</summary>
    public const string Full = """
        {"github":{"credentialsSecret":"github-app","feed":"Poll","serves":[
            {"url":"https://github.com/Acme","runnerGroup":"Builds","repositories":["App","lib"]},
            {"url":"https://github.com/alice/*"},
            {"url":"https://github.com/bob/Tool"}]},
         "labels":["self-hosted","Linux"],
         "limits":{"maxRunners":20,"maxRunnersPerRepository":8},
         "warm":{"standby":2,"idle":1,"schedules":[
            {"days":["Mon","Sun"],"from":"08:00","to":"18:30","timeZone":"Europe/Zurich","standby":10}]},
         "priority":-3,
         "deadlines":{"start":"1h30m","register":"90s","assign":"7m","idle":"5m","job":"24h"},
         "builder":{"mode":"Sidecar","profile":"Baseline",
            "image":"moby/buildkit:v1-rootless@sha256:0123456789012345678901234567890123456789012345678901234567890123",
            "resources":{"requests":{"cpu":"1","memory":"2Gi","ephemeral-storage":"5Gi"},
               "limits":{"cpu":"1500m","memory":"4Gi","ephemeral-storage":"9Gi"}},
            "appArmorProfile":"buildkit","seccompProfile":"profiles/mine.json",
            "registries":[{"host":"docker.io","mirrors":["mirror.acme.io:5000/hub"]},
               {"host":"registry.acme.io:5000","http":true,"insecure":true}],
            "cache":{"kind":"Clone","snapshot":"warm","storageClass":"fast","size":"50Gi"}},
         "deploy":{"serviceAccountName":"deployer","namespace":"prod"},
         "registryCredentialsSecret":"registry",
         "template":{"metadata":{"labels":{"team":"x"}},"spec":{"nodeSelector":{"disk":"ssd"}}}}
        """;

    /// <summary>The fields that <see cref="Full"/> cannot have, for they exclude others.</summary>
    public static string Shared { get; } = With(
        "builder",
        """
        {"mode":"Shared","shared":{"addresses":["tcp://b-0.b.builds.svc:1234","tcp://b-1.b.builds.svc:1234"],
           "tlsSecret":"buildkit-client","forks":"Allow"}}
        """);

    public static string Object(string spec, string name = "linux", string extra = "") =>
        $$"""
        {"apiVersion":"runnerscaler.io/v1alpha1","kind":"RunnerPool",
         "metadata":{"name":"{{name}}","namespace":"ci","uid":"pool-uid","resourceVersion":"5","generation":3{{extra}}},
         "spec":{{spec}} }
        """;

    public static PoolObject Read(string spec, string name = "linux", string extra = "") =>
        RunnerPoolReader.ReadWhole(Parse(Object(spec, name, extra)), new()).Pool;

    public static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    /// <summary>The least spec with one place changed; null removes it.</summary>
    public static string With(string path, string? value, string of = Least)
    {
        var root = JsonNode.Parse(of)!;
        var steps = path.Split('.');
        var at = root;
        foreach (var step in steps[..^1])
            at = int.TryParse(step, out var index) ? at[index]! : at[step] ??= new JsonObject();
        if (int.TryParse(steps[^1], out var last))
            at.AsArray()[last] = value is null ? null : JsonNode.Parse(value);
        else if (value is null)
            at.AsObject().Remove(steps[^1]);
        else
            at[steps[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }
}
