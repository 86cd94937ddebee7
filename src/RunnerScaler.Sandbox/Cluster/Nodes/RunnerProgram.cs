using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>
/// The program of a runner pod as a model: claims an identity at the controller's door, then is a runner that takes
/// one job. Ends with the termination message <c>{"ranJob":…,"exitCode":…}</c>.
/// </summary>
internal sealed class RunnerProgram(IRunnerBackend backend, TimeProvider time, Random random) : IPodProgram
{
    private const int RefusalsBeforeGivingUp = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private readonly Dice dice = new(random);

    public async Task<PodExit> RunAsync(PodContext context, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, context.Killed);
        try
        {
            var answer = await ClaimAsync(context, either.Token);
            return answer.Outcome switch
            {
                ClaimOutcome.Granted => await RunRunnerAsync(context, answer.JitConfig!, either.Token),
                ClaimOutcome.Retired => Exit(ranJob: false, 0),
                _ => Exit(ranJob: false, 1, "the claim was refused"),
            };
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return Exit(ranJob: false, 0);
        }
        catch (Exception e) when (e is PodConfigException or RunnerRefusedException or UriFormatException)
        {
            return Exit(ranJob: false, 1, e.Message);
        }
    }

    private async Task<PodExit> RunRunnerAsync(PodContext context, string jitConfig, CancellationToken stop)
    {
        await using var session = await backend.ConnectAsync(jitConfig, stop);
        await using var killed = context.Killed.Register(session.Abandon);
        if (!await session.WaitForJobAsync(stop))
            return Exit(ranJob: false, 0);
        try
        {
            var code = await session.RunAsync(stop);
            return Exit(
                ranJob: true, code, outcome: stop.IsCancellationRequested ? "JobInterrupted" : null,
                builds: session.Builds);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Exit(ranJob: true, 1, "stopped in its job", "JobInterrupted");
        }
        catch (RunnerKilledException)
        {
            // Nobody is left who could take leave of GitHub, or write a last word.
            session.Abandon();
            return PodExit.Killed;
        }
    }

    private async Task<ClaimAnswer> ClaimAsync(PodContext context, CancellationToken stop)
    {
        using var client = new ClaimClient(
            new Uri(Required(context, "RUNNERSCALER_CLAIM_URL")), await AuthorityAsync(context, stop), time);
        var tokenFile = Required(context, "RUNNERSCALER_TOKEN_FILE");
        var (refusals, pause) = (0, FirstPause);
        while (true)
        {
            try
            {
                var answer = await client.AskAsync(await context.ReadTokenAsync(tokenFile, stop), stop);
                if (answer.Outcome is ClaimOutcome.Granted or ClaimOutcome.Retired)
                    return answer;
                if (answer.Outcome == ClaimOutcome.Refused && ++refusals == RefusalsBeforeGivingUp)
                    return answer;
                if (answer.Outcome == ClaimOutcome.Later)
                {
                    (refusals, pause) = (0, FirstPause);
                    await WaitAsync(answer.Wait, stop);
                    continue;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TimeoutException or Store.KubeFailure)
            {
                // The controller restarts, or the API server does: both come back.
            }
            await WaitAsync(pause, stop);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Waits as long as asked and up to a fifth longer, so that many pods do not come back at once.</summary>
    private Task WaitAsync(TimeSpan pause, CancellationToken stop) =>
        pause <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(pause * (1 + (0.2 * dice.Next())), time, stop);

    /// <summary>The PEM bundle, which the variable holds or names as a file.</summary>
    private static async Task<string> AuthorityAsync(PodContext context, CancellationToken stop)
    {
        var value = context.Env.GetValueOrDefault("RUNNERSCALER_CLAIM_CA") ?? "";
        return value.StartsWith('/') ? await context.ReadFileAsync(value, stop) : value;
    }

    private static string Required(PodContext context, string name) =>
        context.Env.GetValueOrDefault(name) is { Length: > 0 } value
            ? value
            : throw new PodConfigException($"the environment variable {name} is not set");

    private static PodExit Exit(
        bool ranJob, int code, string? why = null, string? outcome = null, JsonArray? builds = null)
    {
        var message = new JsonObject { ["ranJob"] = ranJob, ["exitCode"] = code };
        if (why is not null)
            message["error"] = why;
        if (outcome is not null)
            message["outcome"] = outcome;
        if (builds is { Count: > 0 })
            message["builds"] = builds;
        return PodExit.Of(code, message);
    }
}
