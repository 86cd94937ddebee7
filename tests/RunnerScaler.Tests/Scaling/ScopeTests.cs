using CsCheck;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class ScopeTests
{
    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("../../orgs/acme")]
    [InlineData("a?b")]
    [InlineData("%2e%2e")]
    public void WhatIsNoNameIsCoveredByNothing(string name)
    {
        var repository = new RepositoryKey(Given.Server, "alice", name);
        Assert.False(Given.EachRepository().Covers(repository));
        Assert.False(Given.Organization("alice").Covers(repository));
    }

    [Theory]
    [InlineData("https://github.com/acme", "Organization", "https://github.com", "acme", null)]
    [InlineData("https://github.com/Acme/", "Organization", "https://github.com", "acme", null)]
    [InlineData("https://GitHub.com/alice/*", "EachRepository", "https://github.com", "alice", null)]
    [InlineData("https://ghes.example:84/Acme/My.App_1", "Repository", "https://ghes.example:84", "acme", "my.app_1")]
    [InlineData("https://github.com:443/acme", "Organization", "https://github.com", "acme", null)]
    [InlineData("http://127.0.0.1:8080/acme", "Organization", "http://127.0.0.1:8080", "acme", null)]
    [InlineData("http://localhost/acme/app", "Repository", "http://localhost", "acme", "app")]
    [InlineData("http://[::1]:80/acme", "Organization", "http://[::1]", "acme", null)]
    public void AnAddressIsReadAsAScope(string url, string kind, string server, string owner, string? repository)
    {
        Assert.True(Scope.TryParse(url, out var scope, out var problem), problem);
        Assert.Equal(
            (kind, server, owner, repository), (scope.Kind.ToString(), scope.Server, scope.Owner, scope.Repository));
        Assert.Equal("", problem);
    }

    [Theory]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://[fe80::1]/acme")]
    [InlineData("https://0.0.0.0/acme")]
    [InlineData("https://0xa9fea9fe/acme")]
    public void NoServerIsAtSuchAnAddress(string url)
    {
        Assert.False(Scope.TryParse(url, out _, out var problem));
        Assert.Contains("is at an address that no GitHub server has", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void AScopeCoversWhatItNames()
    {
        var app = Given.Repository("acme/app");
        Assert.True(Given.Organization().Covers(app));
        Assert.True(Given.Organization(only: "app").Covers(app));
        Assert.False(Given.Organization(only: "lib").Covers(app));
        Assert.False(Given.Organization("other").Covers(app));
        Assert.True(Given.EachRepository("acme").Covers(app));
        Assert.True((Given.Organization() with { Kind = ScopeKind.Repository, Repository = "app" }).Covers(app));
        Assert.False((Given.Organization() with { Kind = ScopeKind.Repository, Repository = "lib" }).Covers(app));
    }

    [Fact]
    public void OnlyAnOrganizationsRunnersAreRegisteredAtTheOwner()
    {
        var app = Given.Repository("acme/app");
        Assert.Equal("acme", Given.Organization().TargetFor(Given.Account, app).ToString());
        Assert.Equal("acme/app", Given.EachRepository("acme").TargetFor(Given.Account, app).ToString());
    }

    [Fact]
    public void ScopesThatSayTheSameAreEqual()
    {
        var (a, b) = (Given.Organization(only: ["app", "lib"]), Given.Organization(only: ["lib", "app"]));
        Assert.Equal(a, b);
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.NotEqual(a, Given.Organization(only: ["app"]));
        Assert.NotEqual(a, b with { RunnerGroup = "Deployers" });
    }

    [Fact]
    public void EveryScopeThatWasReadCoversItsOwnRepository() =>
        Gen.Select(Gen.String[Gen.Char["abcXYZ019-_"], 1, 12], Gen.String[Gen.Char["abcXYZ019-_"], 1, 12])
            .Sample((owner, name) =>
            !Scope.TryParse($"https://github.com/{owner}/{name}", out var scope, out _)
                ? owner == "enterprises"
                : scope.Covers(RepositoryKey.Of("https://github.com", owner.ToUpperInvariant(), name)));
}
