using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Protocol;
using RunnerScaler.Tests.Kubernetes.Pools;

namespace RunnerScaler.Tests.Kubernetes.Builders;

/// <summary>Specs that mean harm, or that nobody thought about.</summary>
public sealed class BuilderAdversarialTests
{
    /// <summary>A table's head, or a setting.</summary>
    private const string Line =
        """^(\[[a-z]+\.("[^"\\]+"|[A-Za-z0-9_-]+)\]"""
        + """|  [A-Za-z]+ = (true|false|"[^"]+"|\["[^"]+"(, "[^"]+")*\]))$""";

    private static readonly string[] Fields =
    [
        "builder", "builder.mode", "builder.profile", "builder.image", "builder.resources",
        "builder.resources.limits.memory", "builder.stateSize", "builder.appArmorProfile", "builder.seccompProfile",
        "builder.registries", "builder.registries.0.host", "builder.registries.0.mirrors", "builder.registries.0.ca",
        "builder.cache.kind", "builder.cache.snapshot", "builder.cache.storageClass", "builder.cache.size", "deploy",
        "deploy.serviceAccountName", "deploy.namespace", "registryCredentialsSecret",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "-1", "1e308", "[]", "{}", "[[[[]]]]", "[null]", "\"\"", "\" \"", "\"\\u0000\"", "\"a\\nb\"",
        "\"../../etc/passwd\"", "\"/etc/shadow\"", "\"$(id)\"", "\"a;b\"", "\"a\\\"]\\n[registry]\\n\"",
        "\"metadata.annotations['x']\"", "\"host\\ninsecure = true\"", "\"tcp://a:1,tcp://b:2\"", "\"Ⅷ\"",
        "\"a\\u202Eb\"",
        "\"99999999999999999999Gi\"", "\"0Gi\"", "\"1e3\"", "\"--privileged\"", "\"unconfined\"", "\"docker.io\"",
    ];

    /// <summary>Whatever is written where: a sentence, or a pod that is as harmless as any other.</summary>
    [Fact]
    public void NothingThatIsAcceptedBreaksOutOfItsPlace()
    {
        foreach (var field in Fields)
            foreach (var value in Values.Append($"\"{new string('a', 100_000)}\""))
            {
                var (pool, wishes) = Read(PoolJson.With(field, value, PoolJson.Full));
                if (pool.Problem is { } problem)
                {
                    Assert.StartsWith("spec.", problem.Message, StringComparison.Ordinal);
                    Assert.InRange(problem.Message.Length, 10, 400);
                    continue;
                }
                BuilderProfile? profile =
                    wishes.Builder.Mode == BuilderMode.Sidecar ? BuilderProfile.UserNamespaces : null;
                var pod = TestPods.Build(wishes, profile);
                Assert.Empty(PodSecurityBaseline.Violations(pod));
                AssertIsOneConfiguration((string?)pod["metadata"]!["annotations"]!["runnerscaler.io/buildkitd.toml"]);
            }
    }

    private static void AssertIsOneConfiguration(string? toml)
    {
        foreach (var line in (toml ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Matches(Line, line);
    }

    private static (PoolObject Pool, PodOptions Wishes) Read(string spec) =>
        RunnerPoolReader.ReadWhole(JsonDocument.Parse(PoolJson.Object(spec)).RootElement, new SpecReading());
}
