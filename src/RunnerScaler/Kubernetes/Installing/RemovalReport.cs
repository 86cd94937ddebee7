using System.Text;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Installing;

/// <summary>What one look at the cluster has shown.</summary>
/// <param name="Others">Pools that are not the release's.</param>
/// <param name="Pods">Pods of the pools that were removed.</param>
internal sealed record RemovalState(IReadOnlyList<PoolKey> Others, IReadOnlyList<PodFacts> Pods)
{
    public static RemovalState Nothing { get; } = new([], []);

    /// <summary>What the API server did not do, as a sentence; null if it did all.</summary>
    public string? Trouble { get; private init; }

    /// <summary>Whether asking again would be no use.</summary>
    public bool IsHopeless { get; private init; }

    /// <summary>Those that the controller is to remove still.</summary>
    public IEnumerable<PodFacts> WithoutJob => Pods.Where(p => p is { DeletingSince: null } && !HasJob(p));

    public IEnumerable<PodFacts> WithJob => Pods.Where(HasJob);

    public bool IsQuiet => Trouble is null && !WithoutJob.Any();

    public RemovalState With(string what, ApiAnswer answer) => this with
    {
        Trouble = $"The API server does not {what}: {answer.Why}.",
        IsHopeless = !answer.Unclear,
    };

    // The controller says so of the pods that have outlived their pool.
    private static bool HasJob(PodFacts pod) => pod is { HasJob: true, HasEnded: false };
}

/// <summary>What is told at the end: what was done, what stays, and what to do about it.</summary>
internal static class RemovalReport
{
    private const int MostNames = 20;

    public static string Of(
        HelmRelease release, IReadOnlyList<PoolKey> removed, RemovalState state, TimeSpan within)
    {
        var text = new StringBuilder();
        if (removed.Count == 0)
            text.AppendLine($"The release {release.Name} in {release.Namespace} has no pools.");
        else
            text.AppendLine(
                $"Removed the pools of the release {release.Name} in {release.Namespace}: {Some(removed)}.");
        if (state.Trouble is { } trouble)
            text.AppendLine(trouble).AppendLine("What is left was not seen, or is not up to date.");
        TellWithoutJob(text, [.. state.WithoutJob], within);
        if (state.WithJob.ToArray() is [_, ..] busy)
            text.AppendLine($"{busy.Length} pods run a job, and end with it: {Names(busy)}. Nobody deletes them then: "
                + "kubectl delete pods -A -l app.kubernetes.io/managed-by=runnerscaler "
                + "--field-selector status.phase!=Running");
        if (state.Others.Count > 0)
            text.AppendLine($"{state.Others.Count} pools are not the release's and stay: {Some(state.Others)}. Without "
                + "a controller nobody serves them, and their pods without a job stay, too: delete those pools first.");
        return text.ToString().TrimEnd();
    }

    private static void TellWithoutJob(StringBuilder text, PodFacts[] idle, TimeSpan within)
    {
        if (idle.Length == 0)
            return;
        text.AppendLine(FormattableString.Invariant(
            $"{idle.Length} pods without a job are still there after {within.TotalSeconds:0} s: {Names(idle)}. ")
            + "Does the controller run, and does it reach GitHub? Those with an identity may still be given a job. To "
            + "remove them, delete them with kubectl, and their runners at GitHub: organisation or repository > "
            + "Settings > Actions > Runners. GitHub itself removes runners that are offline for a day.");
    }

    private static string Names(IEnumerable<PodFacts> pods) =>
        Some([.. pods.Select(p => new PoolKey(p.Pool.Namespace, Slot.PodName(p.Pool.Name, p.Slot)))]);

    private static string Some(IReadOnlyCollection<PoolKey> names) => string.Join(", ", names.Take(MostNames))
        + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");
}
