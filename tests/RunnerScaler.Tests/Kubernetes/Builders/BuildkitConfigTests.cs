using CsCheck;
using RunnerScaler.Kubernetes.Builders;

namespace RunnerScaler.Tests.Kubernetes.Builders;

public sealed class BuildkitConfigTests
{
    [Fact]
    public void RegistriesAreWrittenWithAllThatTheyHave() => Assert.Equal(
        """
        [worker.containerd]
          enabled = false

        [worker.oci]
          enabled = true
          gc = true
          reservedSpace = "2048MB"
          maxUsedSpace = "16384MB"
          minFreeSpace = "2048MB"

        [registry."docker.io"]
          mirrors = ["mirror.acme.io"]

        [registry."registry.acme.io:5000"]
          ca = ["/etc/buildkit/registry-ca-1.crt"]

        [registry."plain.acme.io"]
          http = true
          insecure = true

        """,
        BuildkitConfig.Write(
            new BuilderSpec
            {
                Registries =
                [
                    new("docker.io", ["mirror.acme.io"], false, false, null),
                    new("registry.acme.io:5000", [], false, false, "PEM"),
                    new("plain.acme.io", [], true, true, null),
                ],
            },
            "20Gi"));

    [Fact]
    public void GarbageIsCollectedWellBelowTheLimit() => Gen.Int[1, 999_999].Sample(size =>
    {
        var lines = BuildkitConfig.Write(new BuilderSpec(), $"{size}Gi").Split('\n');
        long Space(string key) => long.Parse(
            lines.Single(l => l.Contains(key, StringComparison.Ordinal)).Split('"')[1][..^2],
            System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(Space("maxUsedSpace"), 1, size * 1024L * 9 / 10);
        Assert.InRange(Space("reservedSpace"), 1, Space("maxUsedSpace"));
    });
}
