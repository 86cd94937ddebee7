using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Control.Queue;

/// <summary>
/// Listens to scale sets, one loop for each, until it is cancelled; then the session is closed, so that the next leader
/// can open it at once.
/// </summary>
internal sealed partial class SetListeners(
    IScaleSetSource source,
    BusyCheck check,
    PoolReadings readings,
    Heartbeats beats,
    TimeProvider time,
    Random random,
    ILogger<SetListeners> log)
{
    /// <summary>So many failed waits in a row, and another session is opened.</summary>
    private const int MostFailures = 3;

    private const int MostDoublings = 5;

    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private static readonly string Owner = Environment.MachineName;

    /// <param name="pool">The pool whose set it is.</param>
    /// <param name="wanted">The set as it should be.</param>
    /// <param name="sets">Keeps what is told.</param>
    /// <param name="set">The set.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(
        PoolKey pool, ScaleSet wanted, PoolSets sets, ListenedSet set, CancellationToken cancel)
    {
        var loop = $"{nameof(ScaleSet)} {pool} {wanted.Target}";
        var failures = 0;
        try
        {
            while (true)
            {
                try
                {
                    failures = await SessionAsync(pool, wanted, sets, set, loop, cancel) ? 0 : failures + 1;
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
                {
                    LogFailed(e, wanted.Name, wanted.Target);
                    failures++;
                }
                await PauseAsync(loop, failures, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The set is not the pool's, or not ours to listen to, any more.
        }
        finally
        {
            beats.Stop(loop);
        }
    }

    /// <returns>Whether it could be opened.</returns>
    private async Task<bool> SessionAsync(
        PoolKey pool, ScaleSet wanted, PoolSets sets, ListenedSet set, string loop, CancellationToken cancel)
    {
        OpenResult result;
        using (beats.Outside(loop, LongestStep))
            result = await source.OpenAsync(wanted, $"{Owner} ({pool})", cancel);
        if (result is not OpenResult.Listening opened)
        {
            Tell(sets, set, result);
            return false;
        }
        try
        {
            sets.Opened(set, opened.Statistics);
            LogOpened(wanted.Name, wanted.Target);
            if (set.Jobs.HasUntoldRunning)
                check.Ask(pool, wanted.Target);
            await ListenAsync(new(pool, wanted.Target, sets, set, opened.Session, loop), cancel);
            return true;
        }
        finally
        {
            sets.Closed(set);
            using (beats.Outside(loop, LongestStep))
                await opened.Session.CloseAsync(CancellationToken.None);
        }
    }

    // Who holds it, and since when, stays as it was first told.
    private static void Tell(PoolSets sets, ListenedSet set, OpenResult result)
    {
        if (result is OpenResult.Failed failed)
            sets.Failed(set, failed.Problem);
        else if (result is OpenResult.Held held)
            sets.Failed(set, set.Problem is { Reason: ProblemReason.SessionHeld } known ? known : held.Problem);
    }

    private async Task ListenAsync(Session session, CancellationToken cancel)
    {
        for (var failures = 0; failures < MostFailures;)
        {
            var began = time.GetTimestamp();
            var result = await PollAsync(session, cancel);
            var problem = result switch
            {
                PollResult.Came came => await TakeAsync(session, came, cancel),
                PollResult.Failed failed => failed.Problem,
                PollResult.Gone gone => gone.Problem,
                _ => null,
            };
            if (result is PollResult.Nothing)
                session.Sets.Heard(session.Set);
            else if (problem is not null)
                session.Sets.Failed(session.Set, problem);
            if (result is PollResult.Gone || IsStalled(session))
                return;
            failures = problem is null ? 0 : failures + 1;

            // A server that does not hold the question must not be asked without end.
            if (failures > 0 || (result is PollResult.Nothing && time.GetElapsedTime(began) < FirstPause))
                await PauseAsync(session.Loop, failures, cancel);
        }
    }

    /// <returns>Null if the question is to be asked anew.</returns>
    private async Task<PollResult?> PollAsync(Session session, CancellationToken cancel)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var capacity = session.Sets.Promise(session.Set, cut);
        try
        {
            using (beats.Outside(session.Loop, LongestStep))
                return await session.Open.PollAsync(capacity, cut.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            session.Sets.Answered(session.Set);
        }
    }

    /// <summary>A message is acknowledged when it has been taken in: until then it comes again.</summary>
    private async Task<Problem?> TakeAsync(Session session, PollResult.Came came, CancellationToken cancel)
    {
        session.Sets.Took(session.Set, came.Message);
        using (beats.Outside(session.Loop, LongestStep))
        {
            var problem = await session.Open.AcknowledgeAsync(came.Message.Id, cancel);
            if (session.Sets.TakeAcquirable(session.Set) is { Count: > 0 } some)
                await session.Open.AcquireAsync([.. some], cancel);
            return problem;
        }
    }

    private bool IsStalled(Session session)
    {
        if (readings.Of(session.Pool)?.Fleet is not { } fleet
            || FeedStall.Of(session.Set.Jobs, session.Target, fleet, session.Set.NewsAt, time.GetUtcNow())
                is not { } stall)
            return false;
        session.Sets.Stalled(session.Set, stall);
        check.Ask(session.Pool, session.Target);
        return true;
    }

    private async Task PauseAsync(string loop, int failures, CancellationToken cancel)
    {
        var pause = FirstPause * Math.Pow(2, Math.Clamp(failures - 1, 0, MostDoublings)) * Spread();
        beats.Beat(loop, pause + LongestStep);
        await Task.Delay(pause, time, cancel);
    }

    // Sessions that end together must not come back together.
    private double Spread()
    {
        lock (random)
            return 0.5 + (random.NextDouble() / 2);
    }

    private readonly record struct Session(
        PoolKey Pool, RegistrationTarget Target, PoolSets Sets, ListenedSet Set, IScaleSetSession Open, string Loop);

    [LoggerMessage(LogLevel.Information, "Listening to the scale set {Set} of {Target}")]
    private partial void LogOpened(string set, RegistrationTarget target);

    [LoggerMessage(LogLevel.Error, "Listening to the scale set {Set} of {Target} failed; it is tried again")]
    private partial void LogFailed(Exception exception, string set, RegistrationTarget target);
}
