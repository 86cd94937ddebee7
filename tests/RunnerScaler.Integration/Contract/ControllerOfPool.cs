using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Queue;
using RunnerScaler.GitHub.Runners;
using RunnerScaler.Sandbox.GitHub.Rest;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Telemetry;

namespace RunnerScaler.Integration.Contract;

/// <summary>
/// The controller's side of GitHub, put together for one pool and asked for everything that it can do.
/// </summary>
internal sealed class ControllerOfPool : IDisposable
{
    private readonly JobSource source;
    private readonly Registrar registrar;
    private readonly AccountKey account;
    private readonly Scope scope;

    /// <param name="gitHub">Whom it talks to.</param>
    /// <param name="asker">With which kind of credential.</param>
    /// <param name="serves">What the pool serves, below the server's address: <c>acme</c>, <c>alice/*</c>, …</param>
    public ControllerOfPool(SandboxGitHub gitHub, Asker asker, string serves)
    {
        Assert.True(Scope.TryParse($"{gitHub.Server}/{serves}", out scope, out var problem), problem);
        account = new AccountKey("runners", "github", scope.Server);
        var options = new GitHubOptions();
        var metrics = new ScalerMetrics(Metrics.NewCustomRegistry(), "test", gitHub.Clock);
        var secrets = new OneSecret(gitHub.SecretOf(asker));
        var accounts = new GitHubAccounts(options, secrets, metrics, gitHub.Clock, new Random(1), () => Recorder);
        source = new JobSource(accounts, options, gitHub.Clock, new Random(1), NullLogger<JobSource>.Instance);
        registrar = new Registrar(accounts, options, gitHub.Clock, new Random(1), NullLogger<Registrar>.Instance);
    }

    public Recorder Recorder { get; } = new(RestApi.Root);

    /// <summary>Reads the queue once.</summary>
    /// <returns>What went wrong; empty if nothing did.</returns>
    public async Task<IReadOnlyList<Problem>> ReadQueueAsync(CancellationToken cancel)
    {
        List<Problem> faults = [];
        await source.ReadAsync(account, [scope], Take, cancel);
        return faults;

        void Take(JobObservation seen)
        {
            lock (faults)
                if (FaultOf(seen) is { } fault)
                    faults.Add(fault);
        }
    }

    /// <summary>Registers a runner, finds it by id and by name and in the list of all, and removes it, twice.</summary>
    public async Task RegisterAndRemoveAsync(string repository, string name, CancellationToken cancel)
    {
        var target = scope.TargetFor(account, RepositoryKey.Of(scope.Server, scope.Owner, repository));
        var request = new JitRequest(target, name, null, LabelSet.Of("self-hosted", "x64"));
        var answer = Assert.IsType<JitResult.Registered>(await registrar.CreateJitConfigAsync(request, cancel));
        Assert.Equal(name, (await registrar.FindAsync(target, name, answer.RunnerId, cancel)).Registration?.Name);
        Assert.Equal(answer.RunnerId, (await registrar.FindAsync(target, name, null, cancel)).Registration?.Id);
        Assert.Contains(await registrar.ListAsync(target, cancel) ?? [], r => r.Name == name);
        Assert.Equal(DeregisterResult.Deleted, await registrar.DeregisterAsync(target, name, answer.RunnerId, cancel));
        Assert.Equal(DeregisterResult.Gone, await registrar.DeregisterAsync(target, name, null, cancel));
    }

    public void Dispose() => source.Forget(account);

    private static Problem? FaultOf(JobObservation seen) => seen switch
    {
        JobObservation.AccountUnread unread => unread.Problem,
        JobObservation.RepositoryUnread unread => unread.Problem,
        _ => null,
    };

    private sealed class OneSecret(IReadOnlyDictionary<string, string> values) : ISecretSource
    {
        public Task<SecretResult> ReadAsync(string ns, string name, CancellationToken cancel) =>
            Task.FromResult<SecretResult>(new SecretResult.Found(
                values.ToDictionary(v => v.Key, v => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(v.Value))), "1"));
    }
}
