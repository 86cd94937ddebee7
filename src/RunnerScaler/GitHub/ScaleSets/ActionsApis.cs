using RunnerScaler.GitHub.Client;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>The ways to the Actions service that are in use, one for each place where runners are registered.</summary>
internal sealed class ActionsApis(TimeProvider time)
{
    /// <summary>The token for the service is good for an hour or so.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromHours(2);

    private readonly InUse<RegistrationTarget, ActionsApi> services = new(Unused, time);

    public ActionsApi Of(RegistrationTarget target) =>
        services.GetOrAdd(target, t => new ActionsApi(t, time));
}
