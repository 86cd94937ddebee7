using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>
/// One replica's way to the API server: what is refused, or not answered, is told to its <see cref="Refusals"/>, as the
/// real client does.
/// </summary>
internal sealed class SimApi(Env env, Refusals refusals, string who, Mutation mutation)
{
    /// <param name="request">What is asked for.</param>
    /// <param name="act">What the server does and answers, if it does.</param>
    /// <param name="refused">What is made of a refusal, or of no answer.</param>
    /// <param name="cancel">Ends the waiting, not the effect.</param>
    public async Task<T> SendAsync<T>(
        ApiRequest request, Func<T> act, Func<Refusal, T> refused, CancellationToken cancel)
    {
        var (result, refusal) = await env.Wire.SendAsync(
            w => request.Resource == "leases" ? w.Lease : w.Kubernetes,
            $"{who}: {request}",
            () => env.Api.Of(request) is { } refusal ? (refused(refusal), refusal) : (act(), null),
            why => Unanswered(request, refused, why),
            cancel);
        Tell(request, refusal);
        return result;
    }

    /// <summary>A request that takes no time.</summary>
    /// <returns>Whether it was let through.</returns>
    public bool Ask(ApiRequest request)
    {
        var refusal = env.Api.Of(request);
        Tell(request, refusal);
        return refusal is null;
    }

    private static (T, Refusal?) Unanswered<T>(ApiRequest request, Func<Refusal, T> refused, string why)
    {
        var refusal = new Refusal(RefusalReason.ServerFails, request, why);
        return (refused(refusal), refusal);
    }

    private void Tell(ApiRequest request, Refusal? refusal)
    {
        if (refusal is null && mutation != Mutation.RefusalsNeverEnd)
            refusals.Succeeded(request);
        else if (refusal is not null && mutation != Mutation.HidesRefusals)
            refusals.Refused(refusal);
    }
}
