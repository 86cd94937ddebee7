using RunnerImage.Tests.Claims;

namespace RunnerImage.Tests.Entrypoint;

/// <summary>
/// Says how long the parts of the start take here; <c>RUNNERIMAGE_PROGRAM</c> names the published program.
/// </summary>
public sealed class StartTimeTests
{
    private const int Times = 5;

    [Fact]
    public async Task TheStartIsTimed()
    {
        var authority = new TestAuthority();
        await using var server = await ClaimServer.StartAsync(authority);
        server.Claim = ClaimServer.Grant("linux-7-1a2b3c4d", PodUnderTest.JitConfig);
        List<double> claims = [];
        List<double> listeners = [];
        for (var i = 0; i < Times; i++)
        {
            await using var pod = new PodUnderTest(server, authority);
            pod.Listener("begin; exit 100");
            pod.Start();
            var phases = (await pod.EndsAsync(0, "JobSucceeded", true)).GetProperty("phases");
            claims.Add(phases.GetProperty("claim").GetDouble());
            listeners.Add(phases.GetProperty("listener").GetDouble());
        }

        TestContext.Current.SendDiagnosticMessage(
            "start to claim sent {0}, claim granted to listener started {1}", Range(claims), Range(listeners));
        Assert.All(claims.Concat(listeners), s => Assert.InRange(s, 0, 60));
    }

    private static string Range(List<double> seconds)
    {
        seconds.Sort();
        return $"{seconds[Times / 2] * 1000:0} ms ({seconds[0] * 1000:0}–{seconds[^1] * 1000:0})";
    }
}
