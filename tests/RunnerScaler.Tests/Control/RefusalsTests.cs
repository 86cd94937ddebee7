using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class RefusalsTests : IDisposable
{
    private static readonly ApiRequest Mark = new("patch", "pods", "ci", "linux-0");
    private static readonly ApiRequest Next = Mark with { Name = "linux-1" };

    private readonly FakeTimeProvider time = new(Given.Now);
    private readonly Recorder metrics = new();
    private readonly LogLines logs = new();
    private readonly ILoggerFactory factory;
    private readonly Refusals refusals;
    private int changes;

    public RefusalsTests()
    {
        factory = LoggerFactory.Create(b => b.AddProvider(logs));
        refusals = new(metrics, time, factory.CreateLogger<Refusals>());
        refusals.Changed += () => changes++;
    }

    public void Dispose() => factory.Dispose();

    [Fact]
    public void ADefiniteRefusalStandsAtOnceAndIsLoggedOnce()
    {
        for (var i = 0; i < 3; i++)
            Refuse(Mark, RefusalReason.Forbidden);
        var standing = Assert.Single(refusals.Standing);
        Assert.Equal((Impact.Stopped, RefusalReason.Forbidden), (standing.Hurt, standing.Refusal.Reason));
        Assert.Equal(1, changes);
        Assert.Equal(3, metrics.Refusals.Count(r => r == "patch pods Forbidden"));
        var line = Assert.Single(logs.Lines);
        Assert.StartsWith("Warning: The API server refuses to patch pods 'linux-0' in namespace 'ci': no. Give", line);
        Assert.Contains("'patch' on 'pods' in namespace 'ci': deploy/rbac.yaml", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WebhookFails")]
    [InlineData("Throttled")]
    [InlineData("ServerFails")]
    [InlineData("NotAuthenticated")]
    [InlineData("Conflicts")]
    public void WhatMayPassIsNoNewsUntilItHasLasted(string reason)
    {
        var why = Enum.Parse<RefusalReason>(reason);
        Refuse(Mark, why);
        time.Advance(Refusals.Passing - TimeSpan.FromTicks(1));
        Refuse(Next, why);
        Assert.Empty(refusals.Standing);
        time.Advance(TimeSpan.FromTicks(1));
        Refuse(Mark, why);
        Assert.Single(refusals.Standing);
        Assert.Single(logs.Lines);
    }

    /// <summary>Nobody asks again before that, so nothing else would tell of it meanwhile.</summary>
    [Theory]
    [InlineData(5, 1)]
    [InlineData(4, 0)]
    public void WhatIsSaidToLastStandsAtOnce(int seconds, int standing)
    {
        refusals.Refused(new(RefusalReason.Throttled, Mark, "later", TimeSpan.FromSeconds(seconds)));

        Assert.Equal(standing, refusals.Standing.Length);
    }

    [Fact]
    public void ARightComesBackWithAnySuccessOfItsKindAndWithNoOther()
    {
        Refuse(Mark, RefusalReason.Forbidden);
        refusals.Succeeded(Mark with { Verb = "delete" });
        refusals.Succeeded(Mark with { Namespace = "other" });
        Assert.Single(refusals.Standing);
        refusals.Succeeded(Next);
        Assert.Empty(refusals.Standing);
        Assert.Equal(2, changes);
        Assert.StartsWith("Information: ", logs.Lines.Last());
    }

    [Theory]
    [InlineData("Forbidden")]
    [InlineData("QuotaExceeded")]
    public void WhatIsRefusedForEveryNameIsToldOfAllPoolsOfTheNamespaceWhoeverMetItLast(string reason)
    {
        Refuse(Mark, Enum.Parse<RefusalReason>(reason));
        Refuse(Mark with { Name = "gpu-0" }, Enum.Parse<RefusalReason>(reason));
        Assert.Single(RefusalReporter.Of(refusals.Standing, new("ci", "linux"), null));
        Assert.Single(RefusalReporter.Of(refusals.Standing, new("ci", "gpu"), null));
        Assert.Empty(RefusalReporter.Of(refusals.Standing, new("other", "gpu"), null));
    }

    [Fact]
    public void WhatIsDeniedIsToldForEachObjectAndDoesNotStopAPoolWhoseOtherPodsPass()
    {
        Refuse(Mark, RefusalReason.Denied);
        Refuse(Next, RefusalReason.Denied);
        Assert.Equal([Impact.Stopped, Impact.Stopped], refusals.Standing.Select(s => s.Hurt));
        refusals.Succeeded(Next);
        var left = Assert.Single(refusals.Standing);
        Assert.Equal((Mark, Impact.Little), (left.Refusal.Request, left.Hurt));
        refusals.Succeeded(Mark with { Name = "windows-0" });
        refusals.Succeeded(Mark);
        Assert.Empty(refusals.Standing);
    }

    [Fact]
    public void WhatOtherPodsNoLongerMeetIsOverWhenNobodyHasMetItForSomeSeconds()
    {
        Refuse(Mark, RefusalReason.Denied);
        refusals.Succeeded(Next);
        time.Advance(Refusals.ShortMemory - TimeSpan.FromTicks(1));
        Assert.Single(refusals.Standing);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Empty(refusals.Standing);
    }

    [Fact]
    public void WhatIsMissingEverywhereIsNotLoggedForEachNamespace()
    {
        refusals.Missing(Mark.OfAny with { Namespace = "" }, "no");
        Refuse(Mark, RefusalReason.Forbidden);
        Assert.Equal(2, refusals.Standing.Length);
        Assert.Single(logs.Lines);
    }

    [Fact]
    public void ARightOnOneSecretSaysNothingOfAnother()
    {
        var read = new ApiRequest("get", "secrets", "ci", "github-app");
        Refuse(read, RefusalReason.Forbidden);
        refusals.Succeeded(read with { Name = "another" });
        Assert.Single(refusals.Standing);
    }

    [Fact]
    public void WhatNobodyMeetsAnyMoreIsOver()
    {
        Refuse(Mark, RefusalReason.Forbidden);
        time.Advance(Refusals.Memory - TimeSpan.FromTicks(1));
        Assert.Single(refusals.Standing);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Empty(refusals.Standing);
        Assert.Equal(2, changes);
    }

    [Fact]
    public void ARightThatIsAskedForIsMissedWithoutBeingNeededAndKeepsTheWordsOfARefusal()
    {
        refusals.Missing(Mark.OfAny, "no such rule");
        Assert.Equal("no such rule", Assert.Single(refusals.Standing).Refusal.Message);
        Refuse(Mark, RefusalReason.Forbidden);
        refusals.Missing(Mark.OfAny, "no such rule");
        Assert.Equal("no", Assert.Single(refusals.Standing).Refusal.Message);
        Assert.Single(logs.Lines);
        refusals.Allowed(Mark.OfAny with { Verb = "get" });
        Assert.Single(refusals.Standing);
        refusals.Allowed(Mark.OfAny);
        Assert.Empty(refusals.Standing);
    }

    [Fact]
    public void ARightInTheWholeClusterIsOneInEachNamespace()
    {
        Refuse(Mark, RefusalReason.Forbidden);
        refusals.Allowed(Mark.OfAny with { Namespace = "another" });
        Assert.Single(refusals.Standing);
        refusals.Allowed(Mark.OfAny with { Namespace = "" });
        Assert.Empty(refusals.Standing);
    }

    [Fact]
    public void ThatARightIsThereSaysNothingOfWhatARuleDenies()
    {
        Refuse(Mark, RefusalReason.Denied);
        refusals.Allowed(Mark.OfAny);
        Assert.Single(refusals.Standing);
    }

    [Fact]
    public void WhoMayNotAskMissesNothing()
    {
        Refuse(new("create", "selfsubjectaccessreviews", "", ""), RefusalReason.Forbidden);
        Assert.Empty(refusals.Standing);
    }

    [Fact]
    public void TheWorstComesFirst()
    {
        Refuse(new("create", "events", "ci", "linux.1"), RefusalReason.Forbidden);
        Refuse(new("watch", "pods", "", ""), RefusalReason.Forbidden);
        Refuse(Mark, RefusalReason.Forbidden);
        Assert.Equal(["patch", "watch", "create"], refusals.Standing.Select(s => s.Refusal.Request.Verb));
    }

    [Fact]
    public void WhatTheServerSaysCannotForgeALogLine()
    {
        refusals.Refused(new(RefusalReason.Denied, Mark, "no\nError: all lost\u001b[31m" + new string('x', 9000)));
        var line = Assert.Single(logs.Lines);
        Assert.DoesNotContain(line, char.IsControl);
        Assert.InRange(line.Length, 100, 1100);
    }

    [Fact]
    public void ThereIsABound()
    {
        for (var i = 0; i < 1500; i++)
            Refuse(Mark with { Name = $"linux-{i}" }, RefusalReason.Denied);
        Assert.Equal(1000, refusals.Standing.Length);
        Assert.Equal(1500, metrics.Refusals.Count);
    }

    private void Refuse(ApiRequest request, RefusalReason reason) => refusals.Refused(new(reason, request, "no"));
}
