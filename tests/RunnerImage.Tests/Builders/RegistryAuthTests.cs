using System.Text.Json.Nodes;
using RunnerImage.Builders;

namespace RunnerImage.Tests.Builders;

public sealed class RegistryAuthTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TemporaryFolder folder = new();

    public RegistryAuthTests() =>
        File.WriteAllText(folder["secret"], """{"auths":{"r.io":{"auth":"bmV3"},"s.io":{"auth":"cw=="}}}""");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void CredentialsAreAddedAndTheRestStays()
    {
        File.WriteAllText(folder["config.json"],
            """{"cliPluginsExtraDirs":["/x"],"auths":{"r.io":{"auth":"b2xk"},"t.io":{"auth":"dA=="}}}""");
        Assert.Null(RegistryAuth.Merge(folder["secret"], folder.Path));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"cliPluginsExtraDirs":["/x"],
             "auths":{"t.io":{"auth":"dA=="},"r.io":{"auth":"bmV3"},"s.io":{"auth":"cw=="}}}
            """), JsonNode.Parse(File.ReadAllText(folder["config.json"]))));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder["config.json"]));
    }

    [Fact]
    public void WithoutAConfigurationThereIsOneAfterwards()
    {
        Assert.Null(RegistryAuth.Merge(folder["secret"], folder["docker"]));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder["docker/config.json"]));
    }

    [Theory]
    [InlineData("{\"auths\":\"c2VjcmV0\"}")]
    [InlineData("{\"password\":\"c2VjcmV0\"}")]
    [InlineData("c2VjcmV0")]
    [InlineData("[\"c2VjcmV0\"]")]
    [InlineData("")]
    public void WhatIsNoCredentialIsNamedAndNotShown(string secret)
    {
        File.WriteAllText(folder["secret"], secret);
        var problem = RegistryAuth.Merge(folder["secret"], folder.Path);
        Assert.Contains("spec.registryCredentialsSecret", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", problem, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["config.json"]));
    }

    [Fact]
    public void ABrokenConfigurationIsNotOverwritten()
    {
        File.WriteAllText(folder["config.json"], "[]");
        Assert.NotNull(RegistryAuth.Merge(folder["secret"], folder.Path));
        Assert.Equal("[]", File.ReadAllText(folder["config.json"]));
    }
}
