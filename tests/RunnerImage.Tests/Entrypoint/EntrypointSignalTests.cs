using RunnerImage.Tests.Claims;

namespace RunnerImage.Tests.Entrypoint;

/// <summary>The program as a process that is asked to end, in each of its states.</summary>
public sealed class EntrypointSignalTests : IAsyncLifetime
{
    private const string Idle = "trap 'mark interrupted; exit 0' INT; sleep 1000 & wait";

    private readonly TestAuthority authority = new();
    private ClaimServer server = null!;
    private PodUnderTest pod = null!;

    public async ValueTask InitializeAsync()
    {
        server = await ClaimServer.StartAsync(authority);
        server.Claim = ClaimServer.Grant("linux-7-1a2b3c4d", PodUnderTest.JitConfig);
        pod = new PodUnderTest(server, authority);
    }

    public async ValueTask DisposeAsync()
    {
        await pod.DisposeAsync();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData(15)]
    [InlineData(2)]
    public async Task InStandbyItEndsAtOnce(int signal)
    {
        server.Claim = ClaimServer.HoldAsync;
        pod.Start();
        await pod.UntilAsync(() => server.Count("POST") == 1, "the claim");
        Posix.Native.Signal(pod.Pid, signal);
        await pod.EndsAsync(0, "Stopped", false);
        Assert.Equal(0, server.Count("DELETE"));
    }

    [Fact]
    public async Task InStandbyWithoutAControllerItEndsAtOnce()
    {
        server.Claim = ClaimServer.Status(500);
        pod.Start();
        await pod.LineAsync("status 500");
        pod.Terminate();
        await pod.EndsAsync(0, "Stopped", false);
    }

    [Fact]
    public async Task WhileRegisteredTheRegistrationGoesFirst()
    {
        var before = false;
        server.GiveBack = context =>
        {
            before = !File.Exists(pod["interrupted"]);
            return ClaimServer.Status(204)(context);
        };
        pod.Listener(Idle);
        pod.Start();
        await pod.FileAsync("started");
        pod.Terminate();
        await pod.EndsAsync(0, "Stopped", false);
        Assert.True(before);
        Assert.True(File.Exists(pod["interrupted"]));
        Assert.Equal(1, server.Count("DELETE"));
    }

    [Fact]
    public async Task AControllerThatRefusesDoesNotKeepTheRunner()
    {
        server.GiveBack = ClaimServer.Status(403, "unknown");
        pod.Listener(Idle);
        pod.Start();
        await pod.FileAsync("started");
        pod.Terminate();
        await pod.EndsAsync(0, "Stopped", false);
        Assert.True(File.Exists(pod["interrupted"]));
    }

    [Fact]
    public async Task ARunnerThatWillNotEndIsKilled()
    {
        pod.Variables["RUNNERSCALER_GRACE_SECONDS"] = "4";
        pod.Listener("trap '' INT; sleep 1000 & wait");
        pod.Start();
        await pod.FileAsync("started");
        pod.Terminate();
        await pod.EndsAsync(0, "Stopped", false);
    }

    /// <summary>The job came while the pod was asked to end: it is run.</summary>
    [Fact]
    public async Task AJobThatCameMeanwhileIsRun()
    {
        pod.Variables["RUNNERSCALER_GRACE_SECONDS"] = "3600";
        server.GiveBack = ClaimServer.Status(409);
        pod.Listener("trap 'exit 9' INT; await go; begin; exit 100");
        pod.Start();
        await pod.FileAsync("started");
        pod.Terminate();
        await pod.LineAsync("the job has 3572 s");
        pod.Mark("go");
        await pod.EndsAsync(0, "JobSucceeded", true);
    }

    /// <summary>The controller cannot say, but the listener has started its worker.</summary>
    [Fact]
    public async Task AWorkerIsAJobEvenIfTheControllerCannotSay()
    {
        pod.Variables["RUNNERSCALER_GRACE_SECONDS"] = "3600";
        server.GiveBack = ClaimServer.Status(403);
        pod.Listener("""
            trap 'exit 9' INT
            cp "$(command -v sleep)" "$HOME/bin/Runner.Worker"
            "$HOME/bin/Runner.Worker" 1000 &
            until grep -q Runner.Worker "/proc/$!/comm"; do :; done
            mark working; await go; begin; exit 100
            """);
        pod.Start();
        await pod.FileAsync("working");
        pod.Terminate();
        await pod.LineAsync("the job has");
        pod.Mark("go");
        await pod.EndsAsync(0, "JobSucceeded", true);
    }

    [Fact]
    public async Task WhileBusyTheJobMayEnd()
    {
        pod.Variables["RUNNERSCALER_GRACE_SECONDS"] = "3600";
        pod.Listener("trap 'exit 9' INT; begin; await go; exit 102");
        pod.Start();
        await pod.FileAsync("began");
        pod.Terminate();
        await pod.LineAsync("the job has");
        pod.Mark("go");
        await pod.EndsAsync(0, "JobFailed", true);
        Assert.Equal(0, server.Count("DELETE"));
    }

    [Fact]
    public async Task AJobThatTakesTooLongIsCanceledInTime()
    {
        pod.Variables["RUNNERSCALER_GRACE_SECONDS"] = "64";
        pod.Listener("trap 'mark interrupted; exit 103' INT; begin; sleep 1000 & wait");
        pod.Start();
        await pod.FileAsync("began");
        pod.Terminate();
        var message = await pod.EndsAsync(0, "JobCanceled", true);
        Assert.Contains("terminationGracePeriodSeconds", message.GetProperty("problem").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AJobThatCannotBeCanceledIsKilled()
    {
        pod.Variables["RUNNERSCALER_GRACE_SECONDS"] = "4";
        pod.Listener("trap '' INT; begin; sleep 1000 & echo $! > \"$HOME/left\"; mark busy; wait; wait");
        pod.Start();
        await pod.FileAsync("busy");
        pod.Terminate();
        await pod.EndsAsync(137, "JobInterrupted", true);
    }
}
