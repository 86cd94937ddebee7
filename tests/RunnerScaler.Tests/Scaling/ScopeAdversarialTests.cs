using CsCheck;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class ScopeAdversarialTests
{
    [Theory]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("github.com/acme")]
    [InlineData("ssh://git@github.com/acme")]
    [InlineData("file:///acme")]
    [InlineData("https://")]
    [InlineData("https://github.com")]
    [InlineData("https://github.com/")]
    [InlineData("https://github.com/*")]
    [InlineData("https://github.com/acme/app/settings")]
    [InlineData("https://github.com/acme//app")]
    [InlineData("https://github.com/acme/a b")]
    [InlineData("https://github.com/acme/%2e%2e")]
    [InlineData("https://github.com/acme/app?tab=x")]
    [InlineData("https://github.com/acme#x")]
    [InlineData("https://user:secret@github.com/acme")]
    [InlineData("https://github.com/enterprises")]
    [InlineData("https://github.com/enterprises/*")]
    [InlineData("https://github.com/Enterprises/acme/app")]
    [InlineData("https://github.com/äcme")]
    public void WhatIsNoScopeIsRefusedWithASentence(string url)
    {
        Assert.False(Scope.TryParse(url, out var scope, out var problem));
        Assert.Null(scope);
        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData("http://github.com/acme")]
    [InlineData("http://10.0.0.1/acme")]
    [InlineData("http://localhost.example/acme")]
    public void ATokenNeverCrossesANetworkInTheClear(string url)
    {
        Assert.False(Scope.TryParse(url, out _, out var problem));
        Assert.Contains("https", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void APasswordInAnAddressIsNotRepeated()
    {
        Assert.False(Scope.TryParse("https://user:hunter2@github.com/acme", out _, out var problem));
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void NoTextMakesTheReaderThrow() =>
        Gen.OneOf<string>(Gen.String, Gen.String.Select(s => "https://github.com/" + s),
            Gen.String.Select(s => "https://" + s))
            .Sample(url => Scope.TryParse(url, out var scope, out var problem) == (problem.Length == 0)
                && scope is null == (problem.Length > 0));
}
