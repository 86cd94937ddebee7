
namespace RunnerScaler.Simulation.World;

/// <summary>
/// The network between a process and a server of the world: requests take time, are refused, hang, or lose their
/// answer. A request that was sent has its effect even when its sender has given up, or is dead.
/// </summary>
internal sealed class Wire(Env env)
{
    /// <summary>Requests that went wrong so far, on purpose.</summary>
    public int Faults { get; private set; }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="link">Its kind.</param>
    /// <param name="what">For the trace.</param>
    /// <param name="act">What the server does and answers; one step of the world.</param>
    /// <param name="unclear">What the sender makes of having no answer.</param>
    /// <param name="cancel">Ends the waiting, not the effect.</param>
    public async Task<T> SendAsync<T>(
        Func<FaultProfile, LinkFaults> link, string what, Func<T> act, Func<string, T> unclear,
            CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var ended = cancel.UnsafeRegister(_ => answer.TrySetCanceled(cancel), null);
        Dispatch(link(env.Weather), what, act, unclear, answer);
        return await answer.Task;
    }

    private void Dispatch<T>(
        LinkFaults link, string what, Func<T> act, Func<string, T> unclear, TaskCompletionSource<T> answer)
    {
        var there = link.Latency * (0.1 + (0.9 * env.Random.NextDouble())) / 2;
        var back = link.Latency * (0.1 + (0.9 * env.Random.NextDouble())) / 2;
        var dice = env.Random.NextDouble();
        if (dice < link.Refused)
        {
            env.Faults.Met(FaultKind.RequestRefused);
            Mishap(what, "is refused");
            env.After(there + back, () => answer.TrySetResult(unclear("HTTP 503")));
            return;
        }
        if (ReferenceEquals(link, env.Weather.GitHub) && env.Scheduler.Elapsed < env.SilentUntil)
        {
            env.Faults.Met(FaultKind.GitHubHangs);
            there += env.SilentUntil - env.Scheduler.Elapsed;
            Mishap(what, "is not answered for now");
        }
        var isLost = (dice -= link.Refused) < link.ReplyLost;
        if (isLost)
        {
            env.Faults.Met(FaultKind.ReplyLost);
            Mishap(what, "will lose its answer");
        }
        else if (dice - link.ReplyLost < link.Stuck)
        {
            env.Faults.Met(FaultKind.RequestHangs);
            there += env.Between(1, 8) * (env.Random.Next(5) == 0 ? 3 : 1);
            Mishap(what, $"hangs for {there.TotalSeconds:0.0} s");
        }
        env.After(there, () => Land(act, isLost, back, answer));
        if (there + back > link.Timeout || isLost)
        {
            var end = isLost && there + back < link.Timeout ? there + back : link.Timeout;
            env.After(end, () => answer.TrySetResult(unclear("no answer in time")));
        }
    }

    private void Land<T>(Func<T> act, bool isLost, TimeSpan back, TaskCompletionSource<T> answer)
    {
        var result = act();
        if (!isLost)
            env.After(back, () => answer.TrySetResult(result));
    }

    /// <summary>Notes something that went wrong on purpose.</summary>
    public void Mishap(string what, string how)
    {
        Faults++;
        env.Say("wire", $"{what} {how}");
    }
}
