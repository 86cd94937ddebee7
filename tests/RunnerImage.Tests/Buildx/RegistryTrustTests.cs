using RunnerImage.Buildx;

namespace RunnerImage.Tests.Buildx;

/// <summary>
/// What asks registries itself trusts the authorities that Docker's folder has for them, next to the system's.
/// </summary>
public sealed class RegistryTrustTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    private string Links => root["links"];

    [Theory]
    [InlineData("buildx imagetools inspect app:1", true)]
    [InlineData("--config x buildx imagetools create -t b a", true)]
    [InlineData("imagetools inspect app:1", true)]
    [InlineData("buildx ls", false)]
    [InlineData("buildx build imagetools", false)]
    public void OnlyOneCommandAsksRegistriesItself(string line, bool asks) =>
        Assert.Equal(asks, Sample.Decide(line).AsksRegistries);

    [Fact]
    public void AllAuthoritiesAreInOneFolder()
    {
        Write("registry.acme.io:5000", "ca.crt", "first");
        Write("other.acme.io", "ca.crt", "second");
        Write("other.acme.io", "more.crt", "third");
        Write("other.acme.io", "client.cert", "not an authority");
        Write("other.acme.io", "client.key", "a secret");

        Assert.Equal($"/etc/ssl/certs:{Links}", Folders());
        Assert.Equal(["first", "second", "third"], Directory.GetFiles(Links).Select(File.ReadAllText).Order());
        // A colon stands between the folders in the variable, so none of them may have one.
        Assert.DoesNotContain(':', Links);
    }

    [Fact]
    public void AMountedVolumeIsReadOnce()
    {
        Write("..2026_11_25/registry.acme.io:5000", "ca.crt", "first");
        Directory.CreateSymbolicLink(root["certs.d/..data"], "..2026_11_25");
        Directory.CreateSymbolicLink(root["certs.d/registry.acme.io:5000"], "..data/registry.acme.io:5000");
        Folders();
        Assert.Equal("first", File.ReadAllText(Directory.GetFiles(Links).Single()));
    }

    [Fact]
    public void AgainIsTheSame()
    {
        Write("registry.acme.io", "ca.crt", "first");
        Assert.Equal(Folders(), Folders());
        Assert.Single(Directory.GetFiles(Links));
    }

    [Fact]
    public void ARenewedAuthorityIsSeen()
    {
        Write("registry.acme.io", "ca.crt", "first");
        Folders();
        Write("registry.acme.io", "ca.crt", "second");
        Assert.Equal("second", File.ReadAllText(Directory.GetFiles(Links).Single()));
    }

    [Fact]
    public void WhatTheStepHasSetStays()
    {
        Write("registry.acme.io", "ca.crt", "first");
        Assert.Equal($"/a:/b:{Links}", Folders("/a:/b"));
    }

    [Fact]
    public void WithoutAuthoritiesNothingIsSet()
    {
        Assert.Null(Folders());
        Write("registry.acme.io", "hosts.toml", "");
        Assert.Null(Folders());
        Assert.False(Directory.Exists(Links));
    }

    [Fact]
    public void WhereNothingCanBeWrittenNothingIsSet()
    {
        Write("registry.acme.io", "ca.crt", "first");
        File.WriteAllText(Links, "in the way");
        Assert.Null(Folders());
    }

    private string? Folders(string? given = null) => RegistryTrust.Folders(given, root["certs.d"], Links);

    private void Write(string host, string file, string text) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(root[$"certs.d/{host}"]).FullName, file), text);
}
