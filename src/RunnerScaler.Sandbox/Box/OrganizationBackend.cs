using RunnerScaler.Protocol;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Sandbox.Box;

/// <summary>Lets the pods' runners be runners of an <see cref="Organization"/>.</summary>
internal sealed class OrganizationBackend(Organization organization, TimeProvider time) : IRunnerBackend
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    public Task<IRunnerSession> ConnectAsync(string jitConfig, CancellationToken stop) =>
        organization.Connect(jitConfig) is { } session
            ? Task.FromResult<IRunnerSession>(new Session(organization, session, time))
            : throw new RunnerRefusedException("GitHub does not know the registration.");

    private sealed class Session(Organization organization, RunnerSession session, TimeProvider time) : IRunnerSession
    {
        private Job? job;
        private long began;

        public async Task<bool> WaitForJobAsync(CancellationToken stop)
        {
            while (organization.StateOf(session) is SessionState.Idle or SessionState.Assigned)
            {
                if ((job = organization.TryTake(session)) is not null)
                    return true;
                await Task.Delay(Poll, time, stop);
            }
            return false;
        }

        public async Task<int> RunAsync(CancellationToken stop)
        {
            began = time.GetTimestamp();
            while (time.GetElapsedTime(began) < job!.Duration && IsAtWork(stop))
                await Task.Delay(Poll, time, CancellationToken.None);
            if (job.KillsRunner && IsAtWork(stop))
                throw new RunnerKilledException();
            var isCancelled = stop.IsCancellationRequested || organization.StateOf(session) == SessionState.Cancelling;
            organization.Complete(session, isCancelled ? JobConclusion.Cancelled : job.EndsAs);
            return 0;
        }

        public JobReport Job =>
            new(organization.RepositoryOf(job!).FullName, job!.RunId, time.GetElapsedTime(began));

        public IReadOnlyList<Build> Builds => job!.Builds;

        public void Abandon() => organization.Disconnect(session);

        public ValueTask DisposeAsync()
        {
            organization.Disconnect(session, graceful: true);
            return ValueTask.CompletedTask;
        }

        private bool IsAtWork(CancellationToken stop) =>
            !stop.IsCancellationRequested && organization.StateOf(session) == SessionState.Running;
    }
}
