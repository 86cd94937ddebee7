using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Reconcile;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Terms;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

/// <summary>Marks that somebody else wrote, on every way on which a registration is looked up or deleted.</summary>
public sealed class ForgedAnnotationTests : IDisposable
{
    private static readonly AccountKey Theirs = new("team-b", "github-app", "http://127.0.0.1:9399");

    private readonly ControlRig rig = new();

    public static TheoryData<string> Forgeries =>
        ["account", "secret", "runner", "target", "unreadable", "no pool", "missing"];

    public void Dispose() => rig.Dispose();

    [Theory, MemberData(nameof(Forgeries))]
    public async Task NothingIsAskedForAnEndedPodThatNamesSomebodyElse(string what)
    {
        Put(what, p => p with { Phase = PodPhase.Failed, Exit = new(1, "Error", null, Given.Now) });
        await ReconcileAsync(what);
        NothingWasAsked(what);
    }

    [Theory, MemberData(nameof(Forgeries))]
    public void NothingIsAskedForADeletedPodThatNamesSomebodyElse(string what)
    {
        var pod = Put(what);
        rig.Get<RunnerEnds>().Vanished(pod);
        NothingWasAsked(what);
    }

    [Theory, MemberData(nameof(Forgeries))]
    public async Task NothingIsAskedHoweverLongSuchAPodStands(string what)
    {
        Put(what);
        for (var hour = 0; hour < 8; hour++)
        {
            await ReconcileAsync(what);
            rig.Pass();
            rig.Time.Advance(TimeSpan.FromHours(1));
        }
        NothingWasAsked(what);
        Assert.DoesNotContain("delete 0", rig.Journal.Entries);
    }

    [Theory, MemberData(nameof(Forgeries))]
    public async Task NothingIsAskedWhenSuchAPodClaimsOrGivesBack(string what)
    {
        var pod = Put(what);
        var identity = new PodIdentity(pod.Pool.Namespace, Slot.PodName(pod.Pool.Name, pod.Slot), pod.Uid);
        Assert.IsType<ReturnAnswer.Returned>(
            await rig.Get<Reception>().ReturnAsync(identity, TestContext.Current.CancellationToken));
        Assert.IsType<ClaimAnswer.Retired>(
            await rig.Get<Reception>().ClaimAsync(identity, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(rig.Journal.Entries, e => !e.StartsWith("create", StringComparison.Ordinal));
        Assert.Empty(rig.Orphans());
    }

    [Fact]
    public async Task APodThatMayHaveAJobIsNotDeletedWithItsPoolBecauseItsAnnotationIsGone()
    {
        rig.Pools.Put(Given.Pool());
        Put("missing");
        await ReconcileAsync("missing");
        rig.Pools.Remove(Given.Linux);
        await ReconcileAsync("missing");
        Assert.DoesNotContain("delete 0", rig.Journal.Entries);
    }

    [Fact]
    public async Task WhatIsNotBelievedIsToldOnceAndOnOneLine()
    {
        var name = "v\n\u001b[31m" + new string('x', 5000);
        Put("runner", p => p with { ClaimAnnotation = p.ClaimAnnotation! with { RunnerName = name } });
        for (var i = 0; i < 3; i++)
            await rig.Reconcile();
        var (warning, reason, note) = Assert.Single(rig.Recorder.Events);
        Assert.Equal((true, "AnnotationIgnored"), (warning, reason));
        Assert.InRange(note.Length, 1, 600);
        Assert.DoesNotContain(note, char.IsControl);
        Assert.Contains("v\\u000a", note, StringComparison.Ordinal);
        Assert.Equal(["annotation"], rig.Recorder.IgnoredWords);
        Assert.Contains(rig.Logs.Lines, l => l.Contains("names the runner", StringComparison.Ordinal));
    }

    [Fact]
    public void AnIdentityThatThisProcessGaveStaysWhateverIsWrittenLater()
    {
        var (pod, note) = Given.Registered(0);
        rig.Get<RunnerNotes>().Update(pod.Uid, _ => note);
        rig.Pods.Put(pod with { ClaimAnnotation = Forged("account", pod.ClaimAnnotation!) });
        rig.Pods.Remove(0);
        var orphan = Assert.Single(rig.Orphans());
        Assert.Equal((Given.Acme, Given.RunnerName(0)), (orphan.Target, orphan.RunnerName));
    }

    [Fact]
    public void APoolThatIsBrokenOrGoneStillStandsForItsOwnRunners()
    {
        rig.Pods.Put(Given.Pod(0, grant: Given.Grant(0)));
        rig.Pass();
        rig.Pools.Put(new PoolObject(Given.Linux, 2, null, Given.Problem(ProblemReason.SpecInvalid)));
        rig.Pods.Remove(0);
        Assert.Equal(Given.Acme, Assert.Single(rig.Orphans()).Target);
    }

    private PodFacts Put(string what, Func<PodFacts, PodFacts>? change = null)
    {
        var pod = Given.Pod(0, grant: Given.Grant(0));
        pod = pod with
        {
            ClaimAnnotation = what == "missing" ? null : Forged(what, pod.ClaimAnnotation!),
            Released = true,
            Pool = what == "no pool" ? new("team-a", "linux") : pod.Pool,
        };
        pod = change?.Invoke(pod) ?? pod;
        rig.Pods.Put(pod);
        return pod;
    }

    private static ClaimAnnotation Forged(string what, ClaimAnnotation mark) => what switch
    {
        "account" => mark with { Account = Theirs },
        "secret" => mark with { Account = Given.Account with { Secret = "other" } },
        "runner" => mark with { RunnerName = "linux-1-0badcafe" },
        "target" => mark with { Owner = "nobody" },
        "unreadable" => new("", 0, default, "", null),
        _ => mark,
    };

    private async Task ReconcileAsync(string what) => await ControlRig.Within(
        rig.Get<RunnerReconciler>().ReconcileAsync(
            new(what == "no pool" ? new("team-a", "linux") : Given.Linux, 0), CancellationToken.None));

    private void NothingWasAsked(string what)
    {
        Assert.DoesNotContain(rig.Journal.Entries, e => e.Contains("register", StringComparison.Ordinal));
        Assert.Empty(rig.GitHub.LookedUp);
        Assert.Empty(rig.Orphans());
        Assert.Equal(["annotation"], rig.Recorder.IgnoredWords);
        Assert.NotEmpty(what);
    }
}
