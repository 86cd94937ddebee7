using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Tests.Sandbox.Cluster.StoreFixture;

namespace RunnerScaler.Tests.Sandbox.Cluster;

public sealed class PodTokensTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly StoreFixture fixture = new();
    private readonly PodTokens tokens;
    private readonly StoredObject pod;

    public PodTokensTests()
    {
        tokens = new PodTokens(fixture.Store);
        fixture.Store.Create(KnownTypes.ServiceAccounts, "default", Json("""{"metadata":{"name":"default"}}"""));
        pod = fixture.AddPod("linux-7");
    }

    [Fact]
    public void ATokenSaysWhichPodItIsBoundTo()
    {
        var (valid, error) = tokens.Review(Issue(), ["runnerscaler"]);
        Assert.Null(error);
        Assert.Equal("system:serviceaccount:default:default", valid!.UserName);
        Assert.Equal(("linux-7", pod.Uid), (valid.PodName, valid.PodUid));
    }

    [Fact]
    public void ATokenOfAnotherAudienceIsNotValid() =>
        Assert.Contains("audiences", tokens.Review(Issue(), ["other"]).Error, StringComparison.Ordinal);

    [Fact]
    public void ATokenEndsWithItsTime()
    {
        var token = Issue();
        fixture.Clock.Advance(Hour);
        Assert.NotNull(tokens.Review(token, ["runnerscaler"]).Error);
    }

    [Fact]
    public void ATokenEndsWithItsPodEvenWhenANewOneHasTheName()
    {
        var token = Issue();
        fixture.Store.Delete(KnownTypes.Pods, "default", "linux-7");
        Assert.NotNull(tokens.Review(token, ["runnerscaler"]).Error);
        fixture.AddPod("linux-7");
        Assert.NotNull(tokens.Review(token, ["runnerscaler"]).Error);
    }

    [Fact]
    public void AForgedTokenIsNotValid()
    {
        var token = Issue();
        var forged = new PodTokens(fixture.Store).Issue("default", "default", ["runnerscaler"], Hour, "linux-7");
        Assert.Null(tokens.Review(forged, ["runnerscaler"]).Valid);
        Assert.Null(tokens.Review("nonsense", ["runnerscaler"]).Valid);
        Assert.NotNull(tokens.Review(token, ["runnerscaler"]).Valid);
    }

    [Fact]
    public void ATokenOutlivesItsKeysSuccessorAndEndsWithTheKey()
    {
        var token = Issue();
        tokens.Keys.Rotate();
        Assert.NotNull(tokens.Review(token, ["runnerscaler"]).Valid);
        Assert.NotNull(tokens.Review(Issue(), ["runnerscaler"]).Valid);
        Assert.Equal(2, tokens.Keys.PublicKeys()["keys"]!.AsArray().Count);
        tokens.Keys.DropOld();
        Assert.Null(tokens.Review(token, ["runnerscaler"]).Valid);
        Assert.Single(tokens.Keys.PublicKeys()["keys"]!.AsArray());
    }

    [Theory]
    [InlineData("a.b.c")]
    [InlineData("!.!.!")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")]
    [InlineData("W10.W10.W10")]
    public void WhatIsNoTokenIsNotValid(string token) => Assert.Null(tokens.Review(token, ["runnerscaler"]).Valid);

    [Fact]
    public void ATokenIsRefusedForAnotherUidAccountOrAShortLife()
    {
        Refusal(409, () => tokens.Issue("default", "default", [], Hour, "linux-7", "other"));
        Refusal(404, () => tokens.Issue("default", "nobody", [], Hour));
        Refusal(422, () => tokens.Issue("default", "default", [], TimeSpan.FromMinutes(9)));
        fixture.Store.Create(KnownTypes.ServiceAccounts, "default", Json("""{"metadata":{"name":"other"}}"""));
        Refusal(400, () => tokens.Issue("default", "other", [], Hour, "linux-7"));
    }

    private string Issue() => tokens.Issue("default", "default", ["runnerscaler"], Hour, "linux-7", pod.Uid);
}
