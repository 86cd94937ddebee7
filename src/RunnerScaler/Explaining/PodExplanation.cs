using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Explaining;

/// <summary>Says of a pod where its runner is in its life, and what it waits for; or how the last of its name
/// ended.</summary>
internal static class PodExplanation
{
    /// <returns>Null if there is no such pod for the reader.</returns>
    public static PodAnswer? Of(Knowledge known, Reader reader, string podNamespace, string name)
    {
        foreach (var pass in known.Pools.Where(p => p.Key.Namespace == podNamespace && reader.MayRead(p.Key)))
            if (pass.Fleet.Runners.FirstOrDefault(r => Wording.Pod(r) == name) is { } runner)
                return Of(known, runner);
        return known.Ended.FirstOrDefault(
            e => e.Pool.Namespace == podNamespace && e.Pod == name && reader.MayRead(e.Pool)) is { } ended
            ? Of(ended)
            : null;
    }

    public static PodAnswer Of(Knowledge known, Runner runner)
    {
        var (pod, name) = (runner.Pod, Wording.Pod(runner));
        var trouble = PodTrouble.Of(runner);
        return new()
        {
            Namespace = runner.Pool.Namespace,
            Name = name,
            Pool = runner.Pool.ToString(),
            State = runner.State,
            Since = runner.Since,
            Summary = Wording.Sentence(Summary(runner) + (trouble is null ? "" : $" {trouble.Sentence}")),
            Node = pod?.Node,
            RunnerName = runner.Grant?.RunnerName,
            SeenAt = pod?.Seen.Pod,
            ScheduledAt = pod?.ScheduledAt,
            StartedAt = pod?.StartedAt,
            ClaimedAt = runner.Note.ClaimedAt,
            RegisteredAt = runner.Note.RegisteredAt,
            Job = runner.Job is { } job ? Wording.Link(job) : null,
            Trouble = trouble,
            Ended = known.Ended.FirstOrDefault(e => e.Pool == runner.Pool && e.Pod == name) is { } last
                ? EndOf(last)
                : null,
        };
    }

    public static EndAnswer EndOf(EndedRunner ended) => new(
        ended.Pool.ToString(), ended.Pod, ended.Grant?.RunnerName, ended.Outcome, Wording.Sentence(ended.Sentence),
        ended.SeenAt, ended.ClaimedAt, ended.RegisteredAt, ended.EndedAt,
        ended.Job is { } job ? Wording.Link(job) : null);

    private static PodAnswer Of(EndedRunner ended) => new()
    {
        Namespace = ended.Pool.Namespace,
        Name = ended.Pod,
        Pool = ended.Pool.ToString(),
        Since = ended.EndedAt,
        Summary = $"There is no such pod now. {Wording.Sentence(ended.Sentence)}",
        Node = ended.Node,
        RunnerName = ended.Grant?.RunnerName,
        SeenAt = ended.SeenAt,
        ClaimedAt = ended.ClaimedAt,
        RegisteredAt = ended.RegisteredAt,
        Job = ended.Job is { } job ? Wording.Link(job) : null,
        Ended = EndOf(ended),
    };

    private static string Summary(Runner runner)
    {
        if (runner.Note.Retiring is { } outcome)
            return $"It is being removed: {RetirementOf(outcome)}.";
        return runner switch
        {
            { State: RunnerState.Starting, Pod: null } => "It is being created; the API server has not shown it yet.",
            { State: RunnerState.Starting, Pod.ScheduledAt: null } => "It waits for a node.",
            { State: RunnerState.Starting, Pod.StartedAt: null } =>
                $"It is on node {(runner.Pod.Node ?? "").Quote()}, and waits for its images and containers.",
            { State: RunnerState.Starting } => "Its container runs, and has not asked for an identity yet.",
            { State: RunnerState.Standby } => "It is ready, without an identity, and waits for a job that needs it.",
            { State: RunnerState.Registered, Note.GrantInFlight: true } => "It is being registered at GitHub.",
            { State: RunnerState.Registered, Note.Seen.Online: true } =>
                "Its runner is idle at GitHub, and waits for a job.",
            { State: RunnerState.Registered } => "It has an identity; its runner is connecting to GitHub, or idle.",
            { State: RunnerState.Busy, Job: { } job } =>
                $"Its runner has job {Wording.Name(job.Name).Quote()} of {Wording.Name(job.Repository.ToString())}.",
            { State: RunnerState.Busy } => "Its runner has a job; GitHub has not said which.",
            { State: RunnerState.Finished } => "Its life is over; the pod is on its way out.",
            _ => "Its slot cannot be used.",
        };
    }

    private static string RetirementOf(OutcomeKind outcome) => outcome switch
    {
        OutcomeKind.Retired => "no job needs it",
        OutcomeKind.StartDeadline => "it did not ask for an identity within spec.deadlines.start",
        OutcomeKind.RegisterDeadline => "its runner did not connect to GitHub within spec.deadlines.register",
        OutcomeKind.RanJob => "its job has ended",
        OutcomeKind.NoJob => "GitHub does not know its registration any more",
        _ => $"{outcome}",
    };
}
