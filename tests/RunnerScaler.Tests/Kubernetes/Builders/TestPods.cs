using System.Collections.Immutable;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Kubernetes.Builders;

/// <summary>Pods with builders, made as the controller makes them.</summary>
internal static class TestPods
{
    public static readonly PodDefaults Defaults = new("runner:1", "500m", "1Gi", TimeSpan.FromSeconds(60))
    {
        Builder = new("buildkit@sha256:x", "500m", "1Gi", "4", "8Gi", "20Gi"),
    };

    public static readonly PodOptions Plain = new(new BuilderSpec(), null, null);

    public static readonly CacheSpec Clone = new(CacheKind.Clone, "warm", "fast", "50Gi");

    public static readonly CacheSpec Slots = new(CacheKind.Slot, null, "fast", "50Gi");

    public static readonly SharedSpec Shared = new(["tcp://a:1", "tcp://b:1"], "buildkit-client", false);

    public static readonly ImmutableArray<RegistrySpec> Registries =
    [
        new("docker.io", ["mirror.acme.io"], false, false, null),
        new("registry.acme.io:5000", [], false, false, TestCertificate.Pem),
    ];

    /// <summary>Every profile with all that a pool can want besides, and every other mode.</summary>
    public static IEnumerable<(string Name, PodOptions Wishes, BuilderProfile? Profile)> All =>
        from builder in Builders
        from deploy in (DeploySpec?[])[null, new("deployer", "prod")]
        from registry in (string?[])[null, "registry"]
        select (
            $"{builder.Name}{(deploy is null ? "" : "+deploy")}{(registry is null ? "" : "+registry")}",
            new PodOptions(builder.Spec, deploy, registry),
            builder.Profile);

    public static JsonObject Build(PodOptions wishes, BuilderProfile? profile, string? template = null, int slot = 3) =>
        PodBuilder.Build(
            new PodInputs(
                new PoolKey("ci", "linux"),
                "pool-uid",
                template is null ? null : JsonNode.Parse(template)!.AsObject(),
                wishes,
                profile),
            Defaults,
            new ClaimEndpoint("https://claims/claims", "CA")).ForSlot(slot);

    public static JsonObject Sidecar(JsonObject pod) =>
        pod["spec"]!["initContainers"]!.AsArray().Single(c => (string?)c!["name"] == "buildkitd")!.AsObject();

    public static JsonObject Runner(JsonObject pod) =>
        pod["spec"]!["containers"]!.AsArray().Single(c => (string?)c!["name"] == "runner")!.AsObject();

    /// <summary>What the runner's variables hold.</summary>
    public static Dictionary<string, string?> Variables(JsonObject pod) =>
        Runner(pod)["env"]!.AsArray().ToDictionary(v => (string)v!["name"]!, v => (string?)v!["value"]);

    private static IEnumerable<(string Name, BuilderSpec Spec, BuilderProfile? Profile)> Builders
    {
        get
        {
            foreach (var profile in Enum.GetValues<BuilderProfile>())
                foreach (var cache in (CacheSpec?[])[null, Clone, Slots])
                    foreach (var registries in (ImmutableArray<RegistrySpec>[])[[], Registries])
                        yield return (
                            $"{profile}{(cache is null ? "" : "+" + cache.Kind)}{(registries.IsEmpty ? "" : "+ca")}",
                            new BuilderSpec { Cache = cache, Registries = registries },
                            profile);
            yield return ("AppArmor", new BuilderSpec { AppArmorProfile = "buildkit" }, BuilderProfile.UserNamespaces);
            yield return ("Shared", new BuilderSpec { Mode = BuilderMode.Shared, Shared = Shared }, null);
            yield return ("None", new BuilderSpec { Mode = BuilderMode.None }, null);
        }
    }
}
