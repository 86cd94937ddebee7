using CsCheck;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Kubernetes.Pods;

public sealed class ClaimAnnotationJsonTests
{
    [Theory]
    [InlineData("gibberish")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("""{"owner":7}""")]
    [InlineData("""{"owner":"\ud800"}""")]
    [InlineData("""{"runner":"\ud800","owner":"acme","attempt":1}""")]
    [InlineData("""{"owner":"acme","attempt":0}""")]
    [InlineData("""{"owner":"acme","attempt":-1}""")]
    [InlineData("""{"owner":"acme","attempt":2147483647}""")]
    public void WhatCannotBeReadIsTheMarkOfNoIdentity(string text)
    {
        var pod = Given.Pod(0) with { ClaimAnnotation = ClaimAnnotationJson.Read(text) };
        Assert.NotNull(pod.ClaimAnnotation);
        Assert.Null(GrantRule.Read(pod, Given.Pool()));
    }

    [Fact]
    public void AMarkThatNestsWithoutEndIsTheMarkOfNoIdentity()
    {
        Assert.Equal(0, ClaimAnnotationJson.Read(new string('[', 500) + new string(']', 500))!.Attempt);
        Assert.Equal(0, ClaimAnnotationJson.Read($$"""{"owner":"acme","x":"{{new string('x', 4000)}}"}""")!.Attempt);
    }

    [Theory]
    [InlineData("""{"owner":"acme"}""")]
    [InlineData("""{"owner":"acme","attempt":1e999}""")]
    [InlineData("""{"owner":"acme","attempt":1,"at":"\udc00"}""")]
    [InlineData("""{"owner":"acme","attempt":"many","at":"99999-01-01T00:00:00Z"}""")]
    [InlineData("""{"owner":"nobody","owner":"acme","runner":null,"secret":null}""")]
    public void WhatIsMissingOrWrongInAMarkIsTheOrdinary(string text)
    {
        var grant =
            GrantRule.Read(Given.Pod(0) with { ClaimAnnotation = ClaimAnnotationJson.Read(text) }, Given.Pool());
        Assert.Equal((Given.RunnerName(0), Given.Acme, 1), (grant!.RunnerName, grant.Target, grant.Attempt));
    }

    [Theory, InlineData(null), InlineData("")]
    public void AnEmptyAnnotationIsNoMark(string? text) => Assert.Null(ClaimAnnotationJson.Read(text));

    [Fact]
    public void NothingThatAuthorityFollowsFromIsWritten()
    {
        var text = ClaimAnnotationJson.Write(Given.Grant(0, new(new("ci", "app", "https://ghe:8443"), "acme", "app")));
        Assert.All(
            (string[])["namespace", "secret", "server", "ghe", "\"ci\""],
            w => Assert.DoesNotContain(w, text, StringComparison.Ordinal));
    }

    [Fact]
    public void WhatWasWrittenIsReadAgain() => Gen.Select(
        Gen.String, Gen.String.Null(), Gen.Int[1, 9], Gen.DateTime[Date(2000), Date(2100)])
        .Sample((owner, repository, attempt, at) =>
    {
        var utc = new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc));
        var target = new RegistrationTarget(Given.Account, Clean(owner)!, Clean(repository));
        var text = ClaimAnnotationJson.Write(new(target, "linux-7-0a1b2c3d", attempt, utc));
        if (text.Length < 2000)
            Assert.Equal(
                new(text, attempt, utc, target.Owner, target.Repository) { RunnerName = "linux-7-0a1b2c3d" },
                ClaimAnnotationJson.Read(text));
        Assert.All(
            text, c => Assert.True(c is >= ' ' and <= '~' and not ('<' or '>' or '&'), $"'{c}' has two spellings"));
    });

    private static DateTime Date(int year) => new(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Half of a surrogate pair is no text, and no name at GitHub.
    private static string? Clean(string? text) =>
        text is null ? null : new string([.. text.Where(c => !char.IsSurrogate(c))]);
}
