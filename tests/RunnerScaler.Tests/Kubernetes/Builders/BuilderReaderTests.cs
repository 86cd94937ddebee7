using System.Text.Json;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Kubernetes.Pools;

namespace RunnerScaler.Tests.Kubernetes.Builders;

public sealed class BuilderReaderTests
{
    private const string Digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void APoolThatSaysNothingHasASidecarAndNoCredentials()
    {
        var wishes = Wishes(PoolJson.Least);
        var builder = wishes.Builder;
        Assert.Equal((BuilderMode.Sidecar, null, null), (builder.Mode, builder.Profile, builder.Image));
        Assert.Empty(builder.Registries);
        Assert.Equal((null, null, null), (builder.Cache, builder.Shared, builder.StateSize));
        Assert.Equal((null, null), (wishes.Deploy, wishes.RegistryCredentialsSecret));
    }

    [Fact]
    public void EveryFieldOfASidecarIsRead()
    {
        var wishes = Wishes(PoolJson.Full);
        var builder = wishes.Builder;
        Assert.Equal((BuilderMode.Sidecar, BuilderProfile.Baseline), (builder.Mode, builder.Profile));
        Assert.StartsWith("moby/buildkit:v1-rootless@sha256:", builder.Image, StringComparison.Ordinal);
        Assert.Equal("1", builder.Requests.ByName["cpu"]);
        Assert.Equal("9Gi", builder.Limits.ByName["ephemeral-storage"]);
        Assert.Equal(("buildkit", "profiles/mine.json"), (builder.AppArmorProfile, builder.SeccompProfile));
        Assert.Equal(["docker.io", "registry.acme.io:5000"], builder.Registries.Select(r => r.Host));
        Assert.Equal(["mirror.acme.io:5000/hub"], builder.Registries[0].Mirrors);
        Assert.True(builder.Registries[1] is { Http: true, Insecure: true, CaPem: null });
        Assert.Equal(new CacheSpec(CacheKind.Clone, "warm", "fast", "50Gi"), builder.Cache);
        Assert.Equal(new DeploySpec("deployer", "prod"), wishes.Deploy);
        Assert.Equal("registry", wishes.RegistryCredentialsSecret);
    }

    [Fact]
    public void SharedDaemonsAreRead()
    {
        var shared = Wishes(PoolJson.Shared).Builder.Shared!;
        Assert.Equal(2, shared.Addresses.Length);
        Assert.Equal(("buildkit-client", true), (shared.TlsSecret, shared.AllowForks));
        Assert.False(Wishes(PoolJson.With("builder.shared.forks", null, PoolJson.Shared)).Builder.Shared!.AllowForks);
    }

    [Theory]
    [InlineData("Refuse", true)]
    [InlineData("Allow", false)]
    public void APoolKnowsWhetherForksMayBuildAndWhoItsJobsAre(string forks, bool refuses)
    {
        Assert.Equal(
            refuses,
            PoolJson.Read(PoolJson.With("builder.shared.forks", $"\"{forks}\"", PoolJson.Shared)).Pool!.RefusesForks);
        var full = PoolJson.Read(PoolJson.Full).Pool!;
        Assert.Equal((false, "deployer"), (full.RefusesForks, full.DeploysAs));
    }

    [Fact]
    public void JobsDeployToThePoolsOwnNamespaceIfNothingElseIsSaid() =>
        Assert.Equal("ci", Wishes(PoolJson.With("deploy.serviceAccountName", "\"d\"")).Deploy!.Namespace);

    [Fact]
    public void CertificatesAreTakenAsTheyAre()
    {
        var pem = TestCertificate.Pem + "\n" + TestCertificate.Pem;
        var spec = With("registries", $$"""[{"host":"a.io","ca":{{JsonSerializer.Serialize(pem)}}}]""");
        Assert.Equal(pem, Wishes(spec).Builder.Registries[0].CaPem);
    }

    [Theory]
    [InlineData("mode", "\"Docker\"", "spec.builder.mode is \"Docker\": set one of Sidecar, Shared, None")]
    [InlineData("mode", "1", "spec.builder.mode is 1: set one of")]
    [InlineData("profile", "\"Root\"", "set one of Baseline, UserNamespaces, Compatible")]
    [InlineData("image", "\"moby/buildkit:rootless\"", "set an image with its digest")]
    [InlineData("image", "\"moby/buildkit@sha256:abc\"", "64 hexadecimal digits")]
    [InlineData(
        "image", "\"a@sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\"", "set an image")]
    [InlineData("image", $"\"a b{Digest}\"", "set an image")]
    [InlineData("image", $"\"a{Digest}\\n\"", "set an image")]
    [InlineData("stateSize", "\"20\"", "spec.builder.stateSize is \"20\": set a whole number of Gi or Ti")]
    [InlineData("stateSize", "20", "set a whole number of Gi or Ti")]
    [InlineData("stateSize", "\"0Gi\"", "set a whole number of Gi or Ti")]
    [InlineData("stateSize", "\"-1Gi\"", "set a whole number of Gi or Ti")]
    [InlineData("resources.limits.cpu", "2", "spec.builder.resources.limits.cpu is 2: set an amount as text")]
    [InlineData("resources.limits.memory", "\"much\"", "set an amount as text")]
    [InlineData(
        "resources",
        """{"requests":{"cpu":"2"},"limits":{"cpu":"1900m"}}""",
        "requests 2 of cpu, but limits it to 1900m")]
    [InlineData("appArmorProfile", "\"localhost/x\"", "set the name of an AppArmor profile")]
    [InlineData("appArmorProfile", "\"unconfined\"", "Pod Security does not admit")]
    [InlineData("appArmorProfile", "\"Unconfined\"", "Pod Security does not admit")]
    [InlineData("seccompProfile", "\"/etc/x.json\"", "below the kubelet's seccomp folder")]
    [InlineData("seccompProfile", "\"../x.json\"", "below the kubelet's seccomp folder")]
    [InlineData("seccompProfile", "\"a/../../x.json\"", "below the kubelet's seccomp folder")]
    [InlineData("registries", "{}", "spec.builder.registries is {}: set a list")]
    [InlineData("registries", """[{"http":true}]""", "spec.builder.registries[0].host is missing")]
    [InlineData("registries", """[{"host":"https://a.io"}]""", "set a registry's host")]
    [InlineData("registries", """[{"host":"a.io/path"}]""", "set a registry's host")]
    [InlineData("registries", """[{"host":"a.io"},{"host":"a.io"}]""", "names a.io twice")]
    [InlineData("registries", """[{"host":"a.io","mirrors":["https://b.io"]}]""", "without https://")]
    [InlineData("registries", """[{"host":"a.io","http":"yes"}]""", "set true or false")]
    [InlineData("registries", """[{"host":"a.io","ca":"registry.crt"}]""", "registries[0].ca is no certificate")]
    [InlineData("registries", """[{"host":"a.io","ca":7}]""", "is no certificate")]
    [InlineData(
        "registries",
        """[{"host":"a.io","ca":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}]""",
        "is no certificate")]
    [InlineData("cache", "{}", "spec.builder.cache.kind is missing: set one of Clone, Slot")]
    [InlineData("cache", """{"kind":"Copy","size":"1Gi"}""", "set one of Clone, Slot")]
    [InlineData("cache", """{"kind":"Slot"}""", "spec.builder.cache.size is missing")]
    [InlineData("cache", """{"kind":"Clone","size":"1Gi"}""", "spec.builder.cache.snapshot is missing")]
    [InlineData("cache", """{"kind":"Slot","size":"1Gi","snapshot":"s"}""", "a slot's volume starts empty")]
    [InlineData("cache", """{"kind":"Slot","size":"1Gi","storageClass":"Fast!"}""", "the name of a storage class")]
    [InlineData(
        "shared",
        """{"addresses":["tcp://a:1"],"tlsSecret":"s"}""",
        "spec.builder.shared is set, but mode is Sidecar")]
    public void ABrokenRuleOfASidecarIsNamedInOneSentence(string field, string value, string sentence) =>
        Assert.Contains(sentence, Problem(With(field, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"mode":"Shared"}""", "spec.builder.shared is missing")]
    [InlineData("""{"mode":"Shared","shared":{"tlsSecret":"s"}}""", "shared.addresses is missing")]
    [InlineData("""{"mode":"Shared","shared":{"addresses":[],"tlsSecret":"s"}}""", "addresses has 0 entries")]
    [InlineData("""{"mode":"Shared","shared":{"addresses":["a:1"],"tlsSecret":"s"}}""", "set tcp://HOST:PORT")]
    [InlineData("""{"mode":"Shared","shared":{"addresses":["tcp://a"],"tlsSecret":"s"}}""", "set tcp://HOST:PORT")]
    [InlineData("""{"mode":"Shared","shared":{"addresses":["unix:///x"],"tlsSecret":"s"}}""", "set tcp://HOST:PORT")]
    [InlineData(
        """{"mode":"Shared","shared":{"addresses":["tcp://a:1","tcp://a:1"],"tlsSecret":"s"}}""", "a daemon twice")]
    [InlineData("""{"mode":"Shared","shared":{"addresses":["tcp://a:1"]}}""", "tlsSecret is missing")]
    [InlineData(
        """{"mode":"Shared","shared":{"addresses":["tcp://a:1"],"tlsSecret":"s","forks":"Some"}}""",
        "set one of Refuse, Allow")]
    [InlineData("""{"mode":"None","shared":{"addresses":["tcp://a:1"],"tlsSecret":"s"}}""", "but mode is None")]
    [InlineData("""{"mode":"None","stateSize":"1Gi"}""", "spec.builder.stateSize is set, but mode is None")]
    [InlineData("""{"mode":"None","profile":"Baseline"}""", "spec.builder.profile is set, but mode is None")]
    [InlineData("""{"mode":"None","registries":[]}""", "spec.builder.registries is set, but mode is None")]
    [InlineData("""{"stateSize":"1Gi","cache":{"kind":"Slot","size":"1Gi"}}""", "remove it, and set cache.size")]
    [InlineData("""{"profile":"Compatible","seccompProfile":"a.json"}""", "profile Compatible does without")]
    [InlineData("[]", "spec.builder is []: set an object")]
    public void WhatDoesNotGoTogetherIsNamed(string builder, string sentence) =>
        Assert.Contains(sentence, Problem(PoolJson.With("builder", builder)), StringComparison.Ordinal);

    [Theory]
    [InlineData("deploy", "{}", "spec.deploy.serviceAccountName is missing")]
    [InlineData("deploy", """{"serviceAccountName":"D"}""", "the name of a service account")]
    [InlineData("deploy", """{"serviceAccountName":"d","namespace":"a.b"}""", "the name of a namespace")]
    [InlineData("deploy", "\"d\"", "spec.deploy is \"d\": set an object")]
    [InlineData("registryCredentialsSecret", "\"\"", "dockerconfigjson Secret")]
    [InlineData("registryCredentialsSecret", "{}", "dockerconfigjson Secret")]
    public void CredentialsAreNamedAsTheyMustBe(string field, string value, string sentence) =>
        Assert.Contains(sentence, Problem(PoolJson.With(field, value)), StringComparison.Ordinal);

    [Fact]
    public void AKeyThatWentAstrayIsNotRepeated()
    {
        const string secret = "c2VjcmV0";
        var pem = $"-----BEGIN PRIVATE KEY-----{secret}-----END PRIVATE KEY-----";
        var problem = Problem(With("registries", $$"""[{"host":"a.io","ca":"{{pem}}"}]"""));
        Assert.Contains("no private key", problem, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void CertificatesFitIntoTheAnnotationsOfAPod()
    {
        var one = JsonSerializer.Serialize(
            string.Concat(Enumerable.Repeat(TestCertificate.Pem + "\n", 16_000 / TestCertificate.Pem.Length)));
        var entries = Enumerable.Range(0, 20).Select(i => $$"""{"host":"r{{i}}.io","ca":{{one}}}""");
        Assert.Contains(
            "characters of certificates",
            Problem(With("registries", $"[{string.Join(',', entries)}]")),
            StringComparison.Ordinal);
    }

    private static string With(string field, string value) => PoolJson.With($"builder.{field}", value);

    private static PodOptions Wishes(string spec)
    {
        var (pool, wishes) = RunnerPoolReader.ReadWhole(PoolJson.Parse(PoolJson.Object(spec)), new SpecReading());
        Assert.Null(pool.Problem?.Message);
        return wishes;
    }

    private static string Problem(string spec)
    {
        var read = PoolJson.Read(spec);
        Assert.Equal((null, ProblemReason.SpecInvalid), (read.Pool, read.Problem?.Reason));
        return read.Problem!.Message;
    }
}
