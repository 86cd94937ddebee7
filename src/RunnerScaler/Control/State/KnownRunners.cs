using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.State;

/// <summary>
/// A pod's runner as all that is known says; what is written on a pod and does not fit is told, once.
/// </summary>
internal sealed partial class KnownRunners(
    RunnerNotes notes,
    Authorities authorities,
    JobBoardStore board,
    StatusReporter reporter,
    IScalerMetrics metrics,
    ILogger<KnownRunners> log)
{
    public Runner Of(PodFacts pod)
    {
        var note = notes.Of(pod.Uid);
        var runner = Runner.Of(pod, note, authorities.Of(pod), board.Now);
        if (runner.Misfit != AnnotationMisfit.None && !note.MisfitTold)
            Tell(pod, runner.Misfit);
        return runner;
    }

    private void Tell(PodFacts pod, AnnotationMisfit misfit)
    {
        notes.Update(pod.Uid, n => n with { MisfitTold = true });
        metrics.Ignored("annotation");
        var why = GrantRule.Sentence(pod, misfit);
        LogMisfit(pod.Pool, why);
        reporter.Warn(pod.Pool, "AnnotationIgnored", why);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pool {Pool}: {Why}")]
    private partial void LogMisfit(PoolKey pool, string why);
}
