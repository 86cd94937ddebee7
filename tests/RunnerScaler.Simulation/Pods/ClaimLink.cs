using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Pods;

/// <summary>
/// The way of a claim, or of an identity that is given back, from a pod to one of the replicas and back: it may reach
/// nobody, or somebody who does not lead, and its answer may be lost.
/// </summary>
internal sealed class ClaimLink(Env env, SimCluster cluster, Replicas replicas, Watchdog watchdog)
{
    /// <returns>The answer; null if none arrived.</returns>
    public Task<ClaimAnswer?> ClaimAsync(PodIdentity pod, CancellationToken cancel) =>
        SendAsync(pod, "claim", async (replica, hangUp) =>
        {
            var told = await replica.Reception.ClaimAsync(pod, hangUp);
            if (told is ClaimAnswer.Granted granted)
                watchdog.HandedOut(pod.Uid, granted.RunnerName);
            return told;
        }, cancel);

    /// <returns>The answer; null if none arrived.</returns>
    public Task<ReturnAnswer?> ReturnAsync(PodIdentity pod, CancellationToken cancel) =>
        SendAsync(pod, "return", (replica, hangUp) => replica.Reception.ReturnAsync(pod, hangUp), cancel);

    private async Task<TAnswer?> SendAsync<TAnswer>(
        PodIdentity pod, string what, Func<Replica, CancellationToken, Task<TAnswer>> ask, CancellationToken cancel)
        where TAnswer : class
    {
        var weather = env.Weather.Endpoint;
        var dice = env.Random.NextDouble();
        await env.Delay(weather.Latency * env.Random.NextDouble(), cancel);
        if (dice < weather.Refused || replicas.Any() is not { } replica || cluster.FindPod(pod.Name, pod.Uid) is null)
            return null;
        var isLost = dice - weather.Refused < weather.ReplyLost;
        if (!isLost && dice - weather.Refused - weather.ReplyLost < weather.Stuck)
            await env.Delay(env.Between(1, 8), cancel);
        using var late = new CancellationTokenSource(weather.Timeout, env.World.Clock);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        var answer = await Ask(replica, what, ask, hangUp.Token);
        cancel.ThrowIfCancellationRequested();
        if (answer is null)
            return null;
        await env.Delay(weather.Latency * env.Random.NextDouble(), cancel);
        if (!isLost)
            return answer;
        env.Wire.Mishap($"the answer to {pod.Name}", "is lost");
        return null;
    }

    /// <summary>
    /// Asks in the replica's process. Ends without an answer if that dies, or does not answer before the caller hangs
    /// up.
    /// </summary>
    private async Task<TAnswer?> Ask<TAnswer>(
        Replica replica, string what, Func<Replica, CancellationToken, Task<TAnswer>> ask, CancellationToken hangUp)
        where TAnswer : class
    {
        var answer = new TaskCompletionSource<TAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interest = replica.Process.OnDeath(
            () => env.After(env.Between(0, 2), () => answer.TrySetResult(null)));
        using var ended = hangUp.UnsafeRegister(_ => answer.TrySetResult(null), null);
        replica.Process.Start(what, () => AnswerAsync(replica, ask, answer, hangUp));
        return await answer.Task;
    }

    private static async Task AnswerAsync<TAnswer>(
        Replica replica, Func<Replica, CancellationToken, Task<TAnswer>> ask, TaskCompletionSource<TAnswer?> answer,
        CancellationToken hangUp)
        where TAnswer : class
    {
        try
        {
            // Who it is that asks, is asked of the API server first.
            answer.TrySetResult(
                replica.Api.Ask(new("create", "tokenreviews", "", "")) ? await ask(replica, hangUp) : null);
        }
        catch (OperationCanceledException) when (hangUp.IsCancellationRequested)
        {
            answer.TrySetResult(null);
        }
    }
}
