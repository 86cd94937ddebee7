using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Runners;

/// <summary>Tells people how a runner ended: the note of an Event.</summary>
internal static class EndNotes
{
    /// <summary>One sentence or two, bounded: what the program in the pod wrote is.</summary>
    public static string On(Runner runner, OutcomeKind outcome)
    {
        var detail = Detail(runner);
        var name = Slot.PodName(runner.Pool.Name, runner.Slot);
        return outcome switch
        {
            OutcomeKind.RanJob => $"The runner in '{name}' ran {Job(runner)}; {detail}.",
            OutcomeKind.Retired => $"No job needed the runner in '{name}', so it was removed.",
            OutcomeKind.Evicted => $"The pod '{name}' was ended from outside{On(runner)} before its runner was done; "
                + $"{detail}.{HadJob(runner)}",
            OutcomeKind.Lost => $"The pod '{name}' vanished{On(runner)}: somebody deleted it, or its node is gone."
                + HadJob(runner),
            OutcomeKind.StartDeadline =>
                $"The pod '{name}' did not become ready within spec.deadlines.start; {detail}.",
            OutcomeKind.RegisterDeadline => $"The runner in '{name}' did not connect to GitHub within "
                + "spec.deadlines.register; see whether its pod can reach GitHub.",
            OutcomeKind.NoJob => $"The runner in '{name}' ended without having had a job; {detail}.",
            OutcomeKind.OutOfMemory => $"The runner in '{name}' ran out of memory{Limit(runner)}; raise the memory "
                + $"limit in spec.template.{HadJob(runner)}",
            OutcomeKind.Rejected => $"{Node(runner)} did not take a pod of this pool: {Word(runner)}. "
                + "The pod is made again.",
            _ => $"The runner in '{name}' failed before it took a job; {detail}.",
        };
    }

    /// <summary>The same for a job that had not ended when its pod had to.</summary>
    public static string OnInterrupted(Runner runner)
    {
        var job = runner.Job is { } known ? $"Job {known.Name.Quote()} of {known.Repository}" : "A job";
        var pod = Slot.PodName(runner.Pool.Name, runner.Slot);
        return $"{job} had not ended when its pod '{pod}'{On(runner)} had to, and was stopped; GitHub shows it "
            + "as failed. Give jobs more time with "
            + "spec.template.spec.terminationGracePeriodSeconds, and run it again.";
    }

    /// <summary>Why the next pod of a pool waits when others remove those that were just made.</summary>
    public static string OnRemoved(Runner runner) =>
        $"The pod '{Slot.PodName(runner.Pool.Name, runner.Slot)}' was removed by somebody else as soon as it was made; "
        + "see the API server's audit log for who deletes pods there. It is made again.";

    private static string Limit(Runner runner) =>
        runner.Pod?.MemoryLimit is { } limit ? $", of which it may use {limit}" : "";

    private static string On(Runner runner) => runner.Pod?.Node is { } node ? $" on node '{node}'" : "";

    private static string Job(Runner runner) =>
        runner.Job is { } job ? $"job {job.Name.Quote()} of {job.Repository}" : "a job";

    private static string HadJob(Runner runner) =>
        runner.Job is null ? "" : $" It had {Job(runner)}, which GitHub shows as failed.";

    private static string Node(Runner runner) => runner.Pod?.Node is { } node ? $"The node {node}" : "A node";

    private static string Detail(Runner runner) => runner.Pod switch
    {
        { Exit: { } exit } => FormattableString.Invariant(
            $"it ended with {Word(runner)}, exit code {(object?)exit.Code ?? "unknown"}")
            + (exit.Problem is null ? "" : $": {exit.Problem.TrimEnd('.')}"),
        { WaitingReason: { } waiting } pod => $"{waiting}: {pod.WaitingMessage}",
        _ => $"it was {runner.State}",
    };

    private static string? Word(Runner runner) => runner.Pod?.Exit is { Message: { } message } exit
        ? $"{exit.Reason}, {message.TrimEnd('.')}"
        : runner.Pod?.Exit?.Reason;
}
