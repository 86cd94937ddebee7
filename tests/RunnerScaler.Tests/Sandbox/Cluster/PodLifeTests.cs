using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Tests.Sandbox.Cluster.StoreFixture;

namespace RunnerScaler.Tests.Sandbox.Cluster;

public sealed class PodLifeTests
{
    private static readonly PodDelays Delays = new(Seconds(10), Seconds(5), Seconds(1));
    private readonly PodTimeline fresh = new(Start, Delays);

    [Theory]
    [InlineData(0, "Wait", 10, "PodInitializing", "PodInitializing")]
    [InlineData(10, "Wait", 15, "PodInitializing", "PodInitializing")]
    [InlineData(15, "Wait", 16, "running", "ContainerCreating")]
    [InlineData(16, "Launch", null, "running", "ContainerCreating")]
    public void APodStartsStepByStep(int second, string act, int? again, string sidecar, string main)
    {
        var step = Next(WithSidecar(), fresh, second);
        Assert.Equal((act, again is null ? null : Start + Seconds(again.Value)), (step.Act.ToString(), step.Again));
        Assert.Equal("Pending", step.Status.Text("phase"));
        Assert.Equal(sidecar, State(step, "initContainerStatuses"));
        Assert.Equal(main, State(step, "containerStatuses"));
    }

    [Fact]
    public void ALaunchedPodIsReadyAndRuns()
    {
        var step = Next(WithSidecar(), fresh with { Launched = Start + Seconds(16) }, 17);
        Assert.Equal(("Running", PodAct.Wait), (step.Status.Text("phase"), step.Act));
        Assert.Equal(["Initialized=True", "Ready=True", "ContainersReady=True"], ConditionsOf(step));
        var main = step.Status.Objects("containerStatuses").Single();
        Assert.Equal("2026-03-04T05:06:23Z", main.Text("state", "running", "startedAt"));
        Assert.True(main.IsTrue("ready"));
    }

    [Theory]
    [InlineData(0, "Completed", "Succeeded")]
    [InlineData(1, "Error", "Failed")]
    [InlineData(137, "OOMKilled", "Failed")]
    public void TheProgramsEndIsThePodsEnd(int code, string reason, string phase)
    {
        var ended = fresh with { Launched = Start + Seconds(16) };
        var step = Next(WithSidecar(), ended.WithExit(new PodExit(code, reason, "{}"), Start + Seconds(60)), 61);
        Assert.Equal((phase, PodAct.Wait), (step.Status.Text("phase"), step.Act));
        var terminated = step.Status.Objects("containerStatuses").Single().At("state", "terminated");
        Assert.Equal((code, reason, "{}"),
            (terminated.Number("exitCode"), terminated.Text("reason"), terminated.Text("message")));
        Assert.Equal("2026-03-04T05:07:07Z", terminated.Text("finishedAt"));
        Assert.Contains("Ready=False", ConditionsOf(step));
        Assert.Equal("terminated", State(step, "initContainerStatuses"));
    }

    [Fact]
    public void AnImageThatCannotBePulledIsWaitedForWithoutEnd()
    {
        var missing = new PodTimeline(Start, Delays with { ImageMissing = true });
        var step = Next(Plain(), missing, 100);
        Assert.Equal((PodAct.Wait, null), (step.Act, step.Again));
        Assert.Equal("ImagePullBackOff", State(step, "containerStatuses"));
    }

    [Fact]
    public void AMissingConfigMapIsTriedAgain()
    {
        var lacking = fresh with { ConfigError = "no such map", RetryAt = Start + Seconds(20) };
        Assert.Equal((PodAct.Wait, Start + Seconds(20)),
            (Next(Plain(), lacking, 17).Act, Next(Plain(), lacking, 17).Again!.Value));
        Assert.Equal("CreateContainerConfigError", State(Next(Plain(), lacking, 17), "containerStatuses"));
        Assert.Equal(PodAct.Launch, Next(Plain(), lacking, 20).Act);
    }

    [Fact]
    public void ADeletedPodIsStoppedThenKilledThenRemoved()
    {
        var pod = Plain(deadline: 60);
        var running = fresh with { Launched = Start + Seconds(16) };
        Assert.Equal((PodAct.Stop, Start + Seconds(60)),
            (Next(pod, running, 30).Act, Next(pod, running, 30).Again!.Value));
        running = running with { StopSent = true };
        Assert.Equal(PodAct.Wait, Next(pod, running, 31).Act);
        Assert.Equal(PodAct.Kill, Next(pod, running, 60).Act);
        Assert.Equal(PodAct.Remove, Next(pod, running.WithExit(PodExit.Killed, Start + Seconds(60)), 60).Act);
    }

    [Fact]
    public void ADeletedPodThatNeverStartedIsRemovedAtOnce() =>
        Assert.Equal(PodAct.Remove, Next(Plain(deadline: 60), fresh, 5).Act);

    [Fact]
    public void AnEvictedPodFailsWithTheReason()
    {
        var running = fresh with { Launched = Start + Seconds(16), Evicted = "out of disk" };
        Assert.Equal(PodAct.Kill, Next(Plain(), running, 20).Act);
        var step = Next(Plain(), running.WithExit(PodExit.Killed, Start + Seconds(20)), 20);
        Assert.Equal(("Failed", "Evicted", "out of disk"),
            (step.Status.Text("phase"), step.Status.Text("reason"), step.Status.Text("message")));
    }

    [Fact]
    public void ARejectedPodFailsWithoutAWordOfItsContainers()
    {
        var step = Next(Plain(), fresh with { Rejection = new("OutOfcpu", "too full") }, 20);
        Assert.Equal(PodAct.Wait, step.Act);
        Assert.Equal(("Failed", "OutOfcpu", "too full"),
            (step.Status.Text("phase"), step.Status.Text("reason"), step.Status.Text("message")));
        Assert.False(step.Status.ContainsKey("containerStatuses"));
        Assert.Equal(PodAct.Remove, Next(Plain(deadline: 60), fresh with { Rejection = new("", "") }, 20).Act);
    }

    [Fact]
    public void ANodeTellsTimesByItsOwnClock()
    {
        var ahead = fresh with { Launched = Start + Seconds(16), ClockAhead = TimeSpan.FromMinutes(30) };
        var step = Next(WithSidecar(), ahead, 17);
        var truth = Next(WithSidecar(), ahead with { ClockAhead = default }, 17);
        Assert.Equal((truth.Act, truth.Again), (step.Act, step.Again));
        var main = step.Status.Objects("containerStatuses").Single();
        Assert.Equal("2026-03-04T05:36:23Z", main.Text("state", "running", "startedAt"));
    }

    [Fact]
    public void AnotherContainerKeepsThePodRunning()
    {
        var pod = PodFacts.Of(Pod("a", """
            {"spec":{"containers":[{"name":"builder","image":"b"},{"name":"runner","image":"r"}]}}
            """));
        var ended = (fresh with { Launched = Start }).WithExit(PodExit.Of(0), Start + Seconds(30));
        var step = PodLife.Next(pod, ended, Start + Seconds(31));
        Assert.Equal("Running", step.Status.Text("phase"));
        Assert.Equal(["running", "terminated"], step.Status.Objects("containerStatuses").Select(StateOf));
    }

    private static PodFacts Plain(int? deadline = null)
    {
        var facts = PodFacts.Of(Pod("a", null));
        return deadline is null ? facts : facts with { Deadline = Start + Seconds(deadline.Value) };
    }

    private static PodFacts WithSidecar() => PodFacts.Of(Pod("a", """
        {"spec":{"initContainers":[{"name":"buildkit","image":"b","restartPolicy":"Always"}]}}
        """));

    private static PodStep Next(PodFacts pod, PodTimeline timeline, int second) =>
        PodLife.Next(pod, timeline, Start + Seconds(second));

    private static string? State(PodStep step, string list) => StateOf(step.Status.Objects(list).Single());

    private static string? StateOf(JsonObject container) =>
        container.Text("state", "waiting", "reason") ?? container["state"]!.AsObject().Single().Key;

    private static IEnumerable<string> ConditionsOf(PodStep step) =>
        step.Status.Objects("conditions").Select(c => $"{c.Text("type")}={c.Text("status")}");

    private static TimeSpan Seconds(int count) => TimeSpan.FromSeconds(count);
}
