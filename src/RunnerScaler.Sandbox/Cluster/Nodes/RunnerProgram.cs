using System.Collections.Immutable;
using System.Text;
using RunnerScaler.Protocol;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>
/// The program of a runner pod as a model: claims an identity at the controller's endpoint, then is a runner that takes
/// one job. Ends with the last words that such a pod leaves.
/// </summary>
internal sealed class RunnerProgram(IRunnerBackend backend, TimeProvider time, Random random) : IPodProgram
{
    /// <summary>What GitHub's runner ends with.</summary>
    private const int Failed = 1;

    private readonly SharedRandom dice = new(random);

    public async Task<PodExit> RunAsync(PodContext context, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, context.Killed);
        try
        {
            return await ClaimAsync(context, either.Token) switch
            {
                ClaimAnswer.Granted granted => await RunRunnerAsync(context, granted.JitConfig, either.Token),
                ClaimAnswer.Retired => WithoutJob(ExitOutcome.Retired),
                _ => WithoutJob(ExitOutcome.Refused, PodExitCode.Refused, "the claim was refused"),
            };
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return WithoutJob(ExitOutcome.Stopped);
        }
        catch (Exception e) when (e is PodConfigException or UriFormatException)
        {
            return WithoutJob(ExitOutcome.Misconfigured, PodExitCode.Misconfigured, e.Message);
        }
        catch (RunnerRefusedException e)
        {
            return WithoutJob(ExitOutcome.RunnerFailed, Failed, e.Message);
        }
    }

    private async Task<PodExit> RunRunnerAsync(PodContext context, string jitConfig, CancellationToken stop)
    {
        await using var session = await backend.ConnectAsync(jitConfig, stop);
        await using var killed = context.Killed.Register(session.Abandon);
        if (!await session.WaitForJobAsync(stop))
            return WithoutJob(ExitOutcome.NoJob);
        var began = time.GetUtcNow();
        try
        {
            var code = await session.RunAsync(stop);
            return AfterJob(session.Job, code, stop.IsCancellationRequested ? ExitOutcome.JobInterrupted
                : code == PodExitCode.Fine ? ExitOutcome.JobEnded
                : ExitOutcome.RunnerFailed, [.. OneAfterAnother(session.Builds, began)]);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return AfterJob(session.Job, Failed, ExitOutcome.JobInterrupted, []);
        }
        catch (RunnerKilledException)
        {
            // Nobody is left who could take leave of GitHub, or write a last word.
            session.Abandon();
            return PodExit.Killed;
        }
    }

    private static IEnumerable<Build> OneAfterAnother(IReadOnlyList<Build> builds, DateTimeOffset at)
    {
        foreach (var build in builds)
        {
            yield return build with { BeganAt = at };
            at += build.Time;
        }
    }

    /// <returns>The answer that ends the asking.</returns>
    private async Task<ClaimAnswer> ClaimAsync(PodContext context, CancellationToken stop)
    {
        using var transport = new ClaimTransport(
            new Uri(Required(context, PodVariables.ClaimUrl)), await AuthorityAsync(context, stop), time);
        var turn = new ClaimTurn();
        while (true)
        {
            var asked = time.GetTimestamp();
            var answer = await AskAsync(transport, context, stop);
            (turn, var pause) = turn.After(answer, time.GetElapsedTime(asked), dice.Next());
            if (pause is not { } wait)
                return answer;
            await Task.Delay(wait, time, stop);
        }
    }

    private static async Task<ClaimAnswer> AskAsync(
        ClaimTransport transport, PodContext context, CancellationToken stop)
    {
        try
        {
            var token = await context.ReadTokenAsync(Required(context, PodVariables.TokenFile), stop);
            return (await transport.AskAsync(token, stop)).ToClaimAnswer();
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or Store.KubeFailure)
        {
            // The controller restarts, or the API server does: both come back.
            return new ClaimAnswer.None(e.Message);
        }
    }

    /// <summary>The PEM bundle, which the variable holds or names as a file.</summary>
    private static async Task<string> AuthorityAsync(PodContext context, CancellationToken stop)
    {
        var value = context.Env.GetValueOrDefault(PodVariables.ClaimCa) ?? "";
        return value.StartsWith('/') ? await context.ReadFileAsync(value, stop) : value;
    }

    private static string Required(PodContext context, string name) =>
        context.Env.GetValueOrDefault(name) is { Length: > 0 } value
            ? value
            : throw new PodConfigException($"the environment variable {name} is not set");

    private static PodExit WithoutJob(ExitOutcome outcome, int code = PodExitCode.Fine, string? problem = null) =>
        Exit(new() { RanJob = false, ExitCode = code, Outcome = outcome, Problem = problem }, code);

    private static PodExit AfterJob(JobReport job, int code, ExitOutcome outcome, ImmutableArray<Build> builds) =>
        Exit(new() { RanJob = true, ExitCode = code, Outcome = outcome, Job = job, Builds = builds }, code);

    private static PodExit Exit(TerminationMessage said, int code) =>
        PodExit.Of(code, Encoding.UTF8.GetString(said.Write()));
}
