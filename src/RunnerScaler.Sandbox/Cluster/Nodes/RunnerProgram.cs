using System.Text.Json.Nodes;
using RunnerScaler.Protocol;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>
/// The program of a runner pod as a model: claims an identity at the controller's endpoint, then is a runner that takes
/// one job. Ends with the termination message <c>{"ranJob":…,"exitCode":…}</c>.
/// </summary>
internal sealed class RunnerProgram(IRunnerBackend backend, TimeProvider time, Random random) : IPodProgram
{
    private readonly SharedRandom dice = new(random);

    public async Task<PodExit> RunAsync(PodContext context, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, context.Killed);
        try
        {
            return await ClaimAsync(context, either.Token) switch
            {
                ClaimAnswer.Granted granted => await RunRunnerAsync(context, granted.JitConfig, either.Token),
                ClaimAnswer.Retired => Exit(ranJob: false, 0),
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
