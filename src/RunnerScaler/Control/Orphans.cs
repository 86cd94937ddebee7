using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>Registrations that have, or may have, outlived their pod: to be deleted.</summary>
internal sealed class Orphans(TimeProvider time)
{
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    public WorkQueue<Orphan> Keys { get; } = new(time, LongestRetry);

    public void Add(Orphan orphan) => Keys.Add(orphan);
}

/// <param name="Target">Where it is registered.</param>
/// <param name="RunnerName">Its name there.</param>
/// <param name="Id">GitHub's id; null if it has to be looked up by name.</param>
internal readonly record struct Orphan(RegistrationTarget Target, string RunnerName, long? Id);

/// <summary>The pure part's view of GitHub's answers.</summary>
internal static class DeregisterResults
{
    public static Deletion AsDeletion(this DeregisterResult result) => result switch
    {
        DeregisterResult.Deleted => Deletion.Deleted,
        DeregisterResult.Gone => Deletion.Gone,
        DeregisterResult.Busy => Deletion.Busy,
        _ => Deletion.Unknown,
    };
}
