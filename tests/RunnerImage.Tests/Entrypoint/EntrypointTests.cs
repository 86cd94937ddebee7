using System.Net;
using System.Net.Sockets;
using RunnerImage.Tests.Claims;

namespace RunnerImage.Tests.Entrypoint;

/// <summary>The program as a process, from its start to its end, when nobody asks it to end.</summary>
public sealed class EntrypointTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();
    private ClaimServer server = null!;
    private PodUnderTest pod = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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

    [Fact]
    public async Task AJobRunsAndIsReported()
    {
        pod.Listener("""
            begin
            printf '{"command":"build","result":"success","seconds":1.5,"steps":9,"cachedSteps":4}' \
                > "$RUNNERSCALER_STATE/builds/1.json"
            exit 100
            """);
        pod.Start();
        var message = await pod.EndsAsync(0, "JobSucceeded", true);
        var job = message.GetProperty("job");
        Assert.Equal("o/r", job.GetProperty("repository").GetString());
        Assert.Equal(17, job.GetProperty("runId").GetInt64());
        Assert.InRange(job.GetProperty("seconds").GetDouble(), 0, 120);
        Assert.Equal(4, message.GetProperty("builds")[0].GetProperty("cachedSteps").GetInt32());
        Assert.InRange(message.GetProperty("phases").GetProperty("claim").GetDouble(), 0.0001, 60);
        Assert.InRange(message.GetProperty("phases").GetProperty("listener").GetDouble(), 0, 60);
        Assert.False(message.GetProperty("phases").TryGetProperty("builder", out _));
        Assert.Equal(0, server.Count("DELETE"));
        TestContext.Current.TestOutputHelper!.WriteLine($"{message.GetProperty("phases")}");
    }

    [Fact]
    public async Task AFailedJobIsNoFailedPod()
    {
        pod.Listener("begin; exit 102");
        pod.Start();
        await pod.EndsAsync(0, "JobFailed", true);
    }

    [Fact]
    public async Task AFailedRunnerIsAFailedPod()
    {
        pod.Listener("exit 1");
        pod.Start();
        Assert.NotNull((await pod.EndsAsync(1, "RunnerFailed", false)).GetProperty("problem").GetString());
    }

    /// <summary>GitHub's listener ends with 1 then, as for any failure before its session.</summary>
    [Fact]
    public async Task ARegistrationThatGitHubRemovedBeforeTheSessionIsNoFailedPod()
    {
        Directory.CreateDirectory(pod["home/_diag"]);
        pod.Listener("""
            echo "WRITE ERROR: Failed to create a session. The runner registration has been deleted from the server," \
                "please re-configure." > "$HOME/_diag/Runner_20261128-100000-utc.log"
            exit 1
            """);
        pod.Start();
        await pod.EndsAsync(0, "NoJob", false);
    }

    [Fact]
    public async Task WhatAJobWritesInTheListenersLogIsNotBelieved()
    {
        Directory.CreateDirectory(pod["home/_diag"]);
        pod.Listener("""
            begin
            echo "runner registration has been deleted from the server" > "$HOME/_diag/Runner_9.log"
            exit 1
            """);
        pod.Start();
        await pod.EndsAsync(1, "RunnerFailed", true);
    }

    [Fact]
    public async Task AKilledRunnerIsAFailedPod()
    {
        pod.Listener("begin; kill -9 $$");
        pod.Start();
        await pod.EndsAsync(137, "RunnerKilled", true);
    }

    [Fact]
    public async Task ARunnerThatUpdatesItselfIsStartedAgain()
    {
        pod.Listener("""
            if mkdir "$HOME/first" 2> /dev/null; then
                (sleep 0.3; : > "$HOME/update.finished") &
                exit 4
            fi
            begin; exit 100
            """);
        pod.Start();
        await pod.EndsAsync(0, "JobSucceeded", true);
        Assert.False(File.Exists(pod["home/update.finished"]));
    }

    /// <summary>Nothing that a step can read of the listener has a secret in it, but the files that it needs.</summary>
    [Fact]
    public async Task TheListenerGetsItsIdentityAndNoSecretBesides()
    {
        pod.Variables["ACTIONS_RUNNER_INPUT_TOKEN"] = "another-secret";
        pod.Variables["RUNNERSCALER_BUILDER_MODE"] = "None";
        pod.Variables["BUILDX_BUILDER"] = "runnerscaler";
        pod.Variables["SSL_CERT_DIR"] = "/own/certificates";
        pod.Listener("""
            cat /proc/$$/environ /proc/$$/cmdline | tr '\0' '\n' > "$HOME/seen"
            stat -c '%a %n' "$HOME"/.[a-z]* > "$HOME/modes"
            cat "$HOME/.runner" "$HOME/.credentials_rsaparams" > "$HOME/identity"
            ps -o pgid= -p $$ | tr -d ' ' > "$HOME/group"; echo $$ > "$HOME/pid"
            readlink "/proc/$$/cwd" > "$HOME/folder"
            begin; exit 100
            """);
        pod.Start();
        await pod.EndsAsync(0, "JobSucceeded", true);
        var seen = await File.ReadAllTextAsync(pod["home/seen"], Cancel);
        foreach (var secret in (string[])[PodUnderTest.Token, PodUnderTest.JitConfig, "another-secret",
            "RUNNERSCALER_TOKEN_FILE", "RUNNERSCALER_CLAIM", "JITCONFIG", "BUILDX_BUILDER", "nonexistent"])
            Assert.DoesNotContain(secret, seen, StringComparison.Ordinal);
        Assert.Contains("RUNNERSCALER_BUILDER_MODE=None", seen, StringComparison.Ordinal);
        Assert.Contains("SSL_CERT_DIR=/own/certificates", seen, StringComparison.Ordinal);
        Assert.Contains("ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED=true", seen, StringComparison.Ordinal);
        Assert.Equal(PodUnderTest.Settings + PodUnderTest.Key,
            await File.ReadAllTextAsync(pod["home/identity"], Cancel));
        Assert.All(await File.ReadAllLinesAsync(pod["home/modes"], Cancel), l => Assert.StartsWith("600 ", l));
        Assert.Equal(await File.ReadAllTextAsync(pod["home/pid"], Cancel),
            await File.ReadAllTextAsync(pod["home/group"], Cancel));
        Assert.Equal(pod["home"], (await File.ReadAllTextAsync(pod["home/folder"], Cancel)).Trim());
        foreach (var secret in (string[])[PodUnderTest.Token, PodUnderTest.JitConfig, "the-private-key"])
            Assert.DoesNotContain(secret, pod.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnIdentityOfAnotherFormGoesTheDocumentedWay()
    {
        server.Claim = ClaimServer.Grant("linux-7-1a2b3c4d", "bmV3IGZvcm0=");
        pod.Listener("""[ "$ACTIONS_RUNNER_INPUT_JITCONFIG" = bmV3IGZvcm0= ] && begin && exit 100""");
        pod.Start();
        await pod.EndsAsync(0, "JobSucceeded", true);
        Assert.DoesNotContain("bmV3IGZvcm0=", pod.Output, StringComparison.Ordinal);
    }

    /// <summary>A pipe whose reader is gone must end the writer, as everywhere else.</summary>
    [Fact]
    public async Task SignalsAreAsUsualForTheJob()
    {
        pod.Listener("""sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status > "$HOME/ignored"; exit 100""");
        pod.Start();
        await pod.EndsAsync(0, "JobSucceeded", true);
        var ignored = Convert.ToUInt64((await File.ReadAllTextAsync(pod["home/ignored"], Cancel)).Trim(), 16);
        const int brokenPipe = 13;
        Assert.Equal(0UL, ignored & 1UL << brokenPipe - 1);
    }

    [Fact]
    public async Task WhatAJobLeavesRunningIsEnded()
    {
        pod.Listener("""
            nohup sleep 1000 > /dev/null 2>&1 & echo $! > "$HOME/left"
            begin; exit 100
            """);
        pod.Start();
        await pod.EndsAsync(0, "JobSucceeded", true);
        var left = (await File.ReadAllTextAsync(pod["home/left"], Cancel)).Trim();
        var stat = $"/proc/{left}/stat";
        await pod.UntilAsync(() => !File.Exists(stat)
            || File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal), "the end of the rest");
    }

    [Fact]
    public async Task APodThatIsNotNeededEndsWithoutAnError()
    {
        server.Claim = ClaimServer.InTurn(ClaimServer.Status(204), ClaimServer.Status(410, "the pool shrinks"));
        pod.Start();
        await pod.EndsAsync(0, "Retired", false);
        Assert.Contains("the pool shrinks", pod.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APodThatIsRefusedSaysWhy()
    {
        server.Claim = ClaimServer.Status(403, "no pod of a pool");
        pod.Start();
        var message = await pod.EndsAsync(77, "Refused", false);
        Assert.Contains("no pod of a pool", message.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RUNNERSCALER_CLAIM_URL", "")]
    [InlineData("RUNNERSCALER_CLAIM_CA", "")]
    [InlineData("RUNNERSCALER_TOKEN_FILE", "")]
    [InlineData("RUNNERSCALER_BUILDER_MODE", "Both")]
    [InlineData("RUNNERSCALER_STATE", "/proc/none")]
    [InlineData("RUNNERSCALER_REGISTRY_AUTH", "/none")]
    public async Task WhatIsWronglySetIsNamed(string name, string value)
    {
        pod.Variables[name] = value;
        pod.Start();
        var message = await pod.EndsAsync(78, "Misconfigured", false);
        Assert.Contains(value.StartsWith('/') ? value : name, message.GetProperty("problem").GetString(),
            StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task AnImageWithoutARunnerGivesItsIdentityBack()
    {
        File.Delete(pod["home/bin/Runner.Listener"]);
        pod.Start();
        await pod.EndsAsync(126, "RunnerFailed", false);
        Assert.Equal(1, server.Count("DELETE"));
    }

    [Fact]
    public async Task MetricsAreServedWhileItLives()
    {
        using (var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            pod.Variables["RUNNERSCALER_METRICS_PORT"] = $"{((IPEndPoint)free.LocalEndPoint!).Port}";
        }

        pod.Listener("await go; exit 100");
        pod.Start();
        await pod.FileAsync("started");
        using var client = new HttpClient();
        var page = await client.GetStringAsync(
            new Uri($"http://127.0.0.1:{pod.Variables["RUNNERSCALER_METRICS_PORT"]}/metrics"), Cancel);
        Assert.Contains("runnerscaler_pod_phase_seconds{phase=\"claim\"}", page, StringComparison.Ordinal);
        pod.Mark("go");
        await pod.EndsAsync(0, "JobSucceeded", true);
    }
}
