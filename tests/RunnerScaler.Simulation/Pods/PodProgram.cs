using System.Text;
using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Pods;

/// <summary>How a pod's program ended.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Reason">Kubernetes' word for it.</param>
/// <param name="RanJob">What it says of itself; null if it could not.</param>
internal sealed record ProgramEnd(int Code, string Reason, bool? RanJob)
{
    /// <summary>The job that it had.</summary>
    public JobReport? Job { get; init; }

    /// <summary>What its job wrote in the place of its last words; null for its own.</summary>
    public string? Forged { get; init; }

    public static readonly ProgramEnd Clean = new(0, "Completed", false);
}

/// <summary>What runs in a pod: claims an identity, connects with it, runs one job, ends.</summary>
internal sealed class PodProgram(Env env, Organization github, ClaimLink endpoint, Watchdog watchdog, PodIdentity pod)
{
    /// <summary>What a job can write to its pod's termination log.</summary>
    private static readonly string[] Words =
    [
        "{\"ranJob\":false}", "{\"ranJob\":false,\"outcome\":\"RunnerOutdated\"}",
        "{\"ranJob\":\"yes\",\"exitCode\":1e99}",
        "{\"ranJob\":true,\"problem\":\"\\ud800\"}", "no JSON at all", new string('[', 4096), "[]",
        "{\"ranJob\":false,\"problem\":\"" + new string('x', 3000) + "\"}",
    ];

    /// <summary>What a job can make of its program's exit code, that of an outdated runner among them.</summary>
    private static readonly int[] Codes = [137, 143, 7, 1, 0];

    private RunnerSession? session;

    /// <summary>Whether it waits at the controller for an identity.</summary>
    public bool Claims { get; private set; }

    public bool IsConnected => session is not null;

    /// <param name="crash">Ends it at once, wherever it is.</param>
    /// <param name="terminate">Asks it to end: it gives its identity back and does, unless it has a job.</param>
    public async Task<ProgramEnd> RunAsync(CancellationToken crash, CancellationToken terminate)
    {
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(crash, terminate);
            var (end, jit) = await ClaimAsync(stop.Token);
            return jit is null ? end! : await ServeAsync(jit, crash, stop.Token);
        }
        catch (OperationCanceledException) when (!crash.IsCancellationRequested)
        {
            if (session is not null)
                github.Disconnect(session, graceful: true);
            return ProgramEnd.Clean;
        }
        finally
        {
            // After a proper end this says nothing new.
            if (session is not null)
                github.Disconnect(session);
        }
    }

    private async Task<(ProgramEnd? End, string? Jit)> ClaimAsync(CancellationToken stop)
    {
        Claims = true;
        try
        {
            var turn = new ClaimTurn();
            while (true)
            {
                var asked = env.Now;
                var answer = await endpoint.ClaimAsync(pod, stop) ?? new ClaimAnswer.None("did not answer");
                (turn, var pause) = turn.After(answer, env.Now - asked, env.Random.NextDouble());
                if (pause is null)
                    return answer switch
                    {
                        ClaimAnswer.Granted granted => (null, granted.JitConfig),
                        ClaimAnswer.Retired => (ProgramEnd.Clean, null),
                        _ => (new(1, "Error", false), null),
                    };
                await env.Delay(pause.Value, stop);
            }
        }
        finally
        {
            Claims = false;
        }
    }

    private async Task<ProgramEnd> ServeAsync(string jit, CancellationToken crash, CancellationToken stop)
    {
        try
        {
            await env.Delay(env.Between(1, 5), stop);
            session = github.Connect(jit);
            return await WaitForJobAsync(crash, stop);
        }
        catch (OperationCanceledException) when (!crash.IsCancellationRequested)
        {
            if (await GiveBackAsync(crash) || session is null)
                throw;
            return await WaitForJobAsync(crash, crash);
        }
    }

    private async Task<ProgramEnd> WaitForJobAsync(CancellationToken crash, CancellationToken stop)
    {
        while (session is not null)
        {
            if (github.StateOf(session) == SessionState.Gone)
                return ProgramEnd.Clean;
            if (github.TryTake(session) is { } job)
            {
                watchdog.JobStarted(pod.Uid, job.Id);
                env.Say(pod.Name, $"runs job {job.Id} ({job.Name})");
                return await WorkAsync(job, crash);
            }
            await env.Delay(env.Between(0.5, 2), stop);
        }
        return new(1, "Error", false);
    }

    /// <returns>Whether it may end now: false if GitHub has given it a job by now.</returns>
    private async Task<bool> GiveBackAsync(CancellationToken crash)
    {
        var until = env.Now + ClaimProtocol.ReturnPatience;
        for (var tried = 1; env.Now < until; tried++)
        {
            var answer = await endpoint.ReturnAsync(pod, crash) ?? new ReturnAnswer.None("did not answer");
            if (ClaimTurn.After(answer, tried, env.Random.NextDouble()) is not { } pause)
                return answer is not ReturnAnswer.Busy;
            await env.Delay(pause, crash);
        }
        return true;
    }

    private JobReport Report(Job job, DateTimeOffset began) =>
        new(github.RepositoryOf(job).FullName, job.RunId, env.Now - began);

    private string Forge(Job job)
    {
        var word = env.Random.Next(Words.Length + 1);
        return word < Words.Length ? Words[word] : Encoding.UTF8.GetString(new TerminationMessage
        {
            RanJob = true,
            Job = Report(job with { RunId = job.RunId + env.Random.Next(-2, 3) }, env.Now),
        }.Write());
    }

    private async Task<ProgramEnd> WorkAsync(Job job, CancellationToken crash)
    {
        var began = env.Now;
        var end = began + job.Duration;
        var words = env.Chance(env.Weather.TalkingJob) ? Forge(job) : null;
        if (words is not null)
            env.Faults.Met(FaultKind.WordsForged);
        if (job.KillsRunner)
        {
            env.Faults.Met(FaultKind.EntrypointKilled);
            await env.Delay(job.Duration * env.Random.NextDouble(), crash);
            env.Say(pod.Name, $"is killed by job {job.Id}");
            return new(Codes[env.Random.Next(Codes.Length)], "Error", null) { Forged = words };
        }
        while (env.Now < end && github.StateOf(session!) == SessionState.Running)
        {
            var left = end - env.Now;
            await env.Delay(left < TimeSpan.FromSeconds(10) ? left : TimeSpan.FromSeconds(10), crash);
        }
        var cancelled = github.StateOf(session!) == SessionState.Cancelling;
        github.Complete(session!, cancelled ? JobConclusion.Cancelled : job.EndsAs);
        env.Say(pod.Name, $"ended job {job.Id}");
        return new(0, "Completed", true) { Forged = words, Job = Report(job, began) };
    }
}
