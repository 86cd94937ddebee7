namespace RunnerScaler.Sandbox.GitHub;

internal sealed partial class Organization
{
    /// <summary>
    /// What a runner program does first. Null when it must end: the registration is gone (deleted, used, dropped), the
    /// configuration is none, or another session holds the runner.
    /// </summary>
    public RunnerSession? Connect(string encodedJitConfig)
    {
        lock (_gate)
        {
            var now = Applied();
            return JitConfig.TryDecode(encodedJitConfig, out var config) && _roster.Of(config) is { } runner
                ? _roster.Connect(runner, now)
                : null;
        }
    }

    /// <summary>Picks up the job assigned to this runner, if there is one; then it is in progress.</summary>
    public Job? TryTake(RunnerSession session)
    {
        lock (_gate)
        {
            var now = Applied();
            if (_roster.Of(session) is not { Running: false } runner) return null;
            if (runner.Lapsed) runner = _roster.Wake(runner, now);
            return runner.Busy ? _dispatcher.Start(runner, now) : null;
        }
    }

    /// <summary>What the runner program would notice now.</summary>
    public SessionState StateOf(RunnerSession session)
    {
        lock (_gate)
        {
            Applied();
            if (_roster.Of(session) is not { } runner) return SessionState.Gone;
            if (runner.JobId is not { } jobId) return SessionState.Idle;
            if (!runner.Running) return SessionState.Assigned;
            return _book.FindJob(jobId)!.CancelRequestedAt is null ? SessionState.Running : SessionState.Cancelling;
        }
    }

    /// <summary>
    /// Reports the end of the job. The registration was for one job and is gone with it. False when GitHub had ended
    /// the job or the session already.
    /// </summary>
    public bool Complete(RunnerSession session, JobConclusion conclusion)
    {
        lock (_gate)
        {
            var now = Applied();
            if (_roster.Of(session) is not { Running: true, JobId: { } jobId }) return false;
            _dispatcher.End(_book.FindJob(jobId)!, conclusion, now);
            return true;
        }
    }

    /// <summary>
    /// The runner program is gone. An idle one is seen as offline at once when it said goodbye
    /// (<paramref name="graceful"/>), else only after a while, in which it may still be given a job that nobody picks
    /// up. A job it was working on fails some minutes later. Nothing happens when the session is over.
    /// </summary>
    public void Disconnect(RunnerSession session, bool graceful = false)
    {
        lock (_gate)
        {
            var now = Applied();
            if (_roster.Of(session) is not { Vanished: false } runner) return;
            if (runner.Running || !graceful)
            {
                _roster.Update(runner with { Vanished = true, Since = runner.Busy ? runner.Since : now }, now);
                return;
            }

            _roster.EndSession(runner);
            _roster.Update(runner with { Online = false, Since = now }, now);
        }
    }
}
