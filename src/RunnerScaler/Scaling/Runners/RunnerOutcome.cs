namespace RunnerScaler.Scaling.Runners;

/// <summary>Whether a runner had a job.</summary>
internal enum JobProof
{
    /// <summary>It had none: it never had an identity, or gave it back.</summary>
    None,

    /// <summary>
    /// It had an identity, and nobody has said that it had a job. What its pod says or leaves out proves nothing: a job
    /// can kill its runner, fill its disk and write its last words. GitHub knows.
    /// </summary>
    Open,

    /// <summary>It had one.</summary>
    Had,
}

/// <summary>
/// What the life of a runner came to. The one place that decides it: lifecycle, history, metrics and Events read it.
/// </summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Job">Whether it had a job.</param>
internal readonly record struct RunnerOutcome(OutcomeKind Kind, JobProof Job)
{
    /// <summary>A program that ended sooner, with code 0 and without a word, did not do what it is for.</summary>
    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(30);

    /// <summary>Whether the pool's pods are not to blame although it had no job.</summary>
    public bool IsExcused { get; init; }

    /// <summary>Whether it says that the pool's pods do not work.</summary>
    public bool IsFailure => Job == JobProof.None && !IsExcused && CreateBackoff.IsFailure(Kind);

    /// <summary>Whether GitHub has to say first what became of its registration.</summary>
    public bool IsOpen => Job == JobProof.Open && !IsExcused && CreateBackoff.IsFailure(Kind);

    /// <summary>How the life of a runner ended, or would end, if its pod were gone now.</summary>
    public static RunnerOutcome Of(Runner runner, PodFacts pod)
    {
        var proof = ProofOf(runner, pod);
        var asked = runner.Note.Retiring ?? runner.Note.Dismissed;
        var kind = pod.HasEnded ? KindOf(runner, pod, proof) : OutcomeKind.Lost;
        return new(kind == OutcomeKind.RanJob ? kind : asked ?? kind, proof)
        {
            // Its registration was gone before it was, or it ended as one does that is not needed.
            IsExcused = asked == OutcomeKind.NoJob
                || (kind == OutcomeKind.NoJob && proof == JobProof.None && EndedWell(pod)),
        };
    }

    /// <summary>The same, when GitHub has answered the deletion of its registration.</summary>
    /// <param name="answer">
    /// Deleted: it was there, and unused. Gone: GitHub removes it when its job has ended. Busy: it has a job, whatever
    /// its pod does. Nothing is learned from no answer.
    /// </param>
    public RunnerOutcome After(Deletion answer) => (Job, answer) switch
    {
        (JobProof.Open, Deletion.Deleted) => this with { Job = JobProof.None },
        (JobProof.Open, Deletion.Gone or Deletion.Busy) =>
            new(Kind is OutcomeKind.Failed or OutcomeKind.NoJob ? OutcomeKind.RanJob : Kind, JobProof.Had),
        _ => this,
    };

    private static JobProof ProofOf(Runner runner, PodFacts pod)
    {
        var note = runner.Note;
        if (runner.Job is not null || note.JobSeen || note.BusySince is not null || pod.Exit?.RanJob == true)
            return JobProof.Had;
        return (runner.Grant is null && runner.Misfit == AnnotationMisfit.None) || note.GivenBack
            ? JobProof.None
            : JobProof.Open;
    }

    /// <summary>
    /// Exit code 0 alone proves no job: GitHub drops idle registrations after minutes, and the runner then ends without
    /// an error.
    /// </summary>
    private static OutcomeKind KindOf(Runner runner, PodFacts pod, JobProof proof)
    {
        // A job that was killed with its runner has no log that could tell why. With code 0 the runner lived on.
        if (pod.Exit is { Reason: "OOMKilled", Code: not 0 })
            return OutcomeKind.OutOfMemory;
        if (proof == JobProof.Had)
            return OutcomeKind.RanJob;
        return pod.Exit switch
        {
            { FromOutside: true, Reason: "NodeLost" } => OutcomeKind.Lost,
            { NeverRan: true } when proof == JobProof.None && runner.Note.ClaimedAt is null => OutcomeKind.Rejected,
            { FromOutside: true } => OutcomeKind.Evicted,
            _ when pod.DeletingSince is not null && !runner.Note.Removed => OutcomeKind.Evicted,
            { Code: 0 } => OutcomeKind.NoJob,
            _ => pod.Phase == PodPhase.Succeeded ? OutcomeKind.NoJob : OutcomeKind.Failed,
        };
    }

    // It said so itself, as one does that was told that nobody needs it, or it lived for a while: nothing is broken.
    private static bool EndedWell(PodFacts pod) =>
        pod.Exit is { RanJob: false } || pod.Exit?.At - pod.StartedAt >= ShortLife;
}
