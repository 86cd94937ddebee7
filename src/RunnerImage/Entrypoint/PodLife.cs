using RunnerImage.Builders;
using RunnerImage.Claims;
using RunnerImage.Runner;
using RunnerScaler.Protocol;

namespace RunnerImage.Entrypoint;

/// <summary>What the container says at its end, and why.</summary>
/// <param name="Report">The exit code and the word for it.</param>
/// <param name="Problem">What is wrong and what to do, in one sentence; null if nothing is.</param>
internal sealed record PodEnd(ExitReport Report, string? Problem);

/// <summary>
/// The life of the pod: waits for the builder and claims an identity side by side, then runs one job.
/// </summary>
/// <param name="settings">What the controller tells.</param>
/// <param name="state">Where notes are left and found.</param>
/// <param name="claims">Gets the identity.</param>
/// <param name="listener">Runs the job.</param>
/// <param name="phases">Takes how long things took.</param>
/// <param name="start">When the program was started.</param>
/// <param name="log">Told of what happens.</param>
/// <param name="time">The clock.</param>
internal sealed class PodLife(
    PodSettings settings, StateFolder state, ClaimClient claims, Listener listener, Phases phases, long start,
    Action<string> log, TimeProvider time)
{
    /// <param name="stop">Completes when the pod is asked to end.</param>
    public async Task<PodEnd> RunAsync(Task stop)
    {
        using var over = new CancellationTokenSource();
        try
        {
            var builderFailed = BuilderFailureAsync(over.Token);
            if (builderFailed.IsCompletedSuccessfully)
                return new PodEnd(ExitReport.BuilderFailed, await builderFailed);
            var claim = claims.ClaimAsync(ClaimSent, over.Token);
            await Task.WhenAny(claim, builderFailed, stop);
            if (claim.IsCompletedSuccessfully)
                return await UseAsync(await claim, builderFailed, stop);
            if (claim.IsFaulted)
                await claim;
            return builderFailed.IsCompletedSuccessfully
                ? new PodEnd(ExitReport.BuilderFailed, await builderFailed)
                : new PodEnd(ExitReport.Stopped, null);
        }
        finally
        {
            over.Cancel();
        }
    }

    private async Task<PodEnd> UseAsync(ClaimAnswer answer, Task<string> builderFailed, Task stop)
    {
        switch (answer)
        {
            case ClaimAnswer.Granted(var name, var jitConfig):
                var granted = time.GetTimestamp();
                log($"this pod is the runner {name}");
                var supervision = new Supervision(
                    listener, state, claims, settings.Grace, stop, builderFailed, log, time);
                return listener.Configure(jitConfig, log) is { } problem
                    ? await supervision.GiveBackAsync(ExitReport.Misconfigured, problem)
                    : await supervision.RunAsync(() => phases.Listener = time.GetElapsedTime(granted));
            case ClaimAnswer.Retired(var why):
                log($"the controller does not need this pod any more: {why}");
                return new PodEnd(ExitReport.Retired, null);
            case ClaimAnswer.Refused(var why):
                return new PodEnd(ExitReport.Refused, $"the controller gives this pod no identity: {why}");
            default:
                throw new InvalidOperationException($"A claim does not end with {answer.GetType().Name}.");
        }
    }

    /// <summary>Completes only if the builder cannot be used, with the reason.</summary>
    private async Task<string> BuilderFailureAsync(CancellationToken over)
    {
        if (settings.Builder == BuilderMode.Sidecar)
        {
            var wait = new BuilderWait(
                settings.BuilderAddress, settings.BuilderProfile, settings.BuilderWait, Report, time);
            if (await wait.RunAsync(over) is { } problem)
                return problem;
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, time, over);
        return "";
    }

    private void Report(BuilderState builder)
    {
        try
        {
            builder.Write(state.FolderPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log($"{BuilderState.FileName} could not be written into {state.FolderPath} ({error.GetType().Name})");
        }

        switch (builder.State)
        {
            case BuilderState.Ready:
                phases.Builder = Since(start);
                log($"the builder at {builder.Address} is ready");
                break;
            case BuilderState.Waiting:
                log($"waiting for the builder at {builder.Address}");
                break;
        }
    }

    private void ClaimSent()
    {
        if (phases.Claim is not null)
            return;
        phases.Claim = Since(start);
        log("the claim was sent; waiting for a job that needs this pod");
    }

    private TimeSpan Since(long then) => time.GetElapsedTime(then);
}
