using System.Security.Cryptography.X509Certificates;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Claims;

namespace RunnerScaler.Hosting;

/// <summary>
/// The order in which things become possible: keys for the claims endpoint and a look at the cluster, without which no
/// pod can be described; filled caches, without which nothing may be concluded; then leading.
/// </summary>
internal sealed class StartupOrder(
    ClaimCertificates certificates, ClusterCapabilities cluster, IPoolStore pools, IPodStore pods, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource keys = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The certificate to serve claims with; null while there is none.</summary>
    public X509Certificate2? Certificate => keys.Task.IsCompletedSuccessfully ? certificates.Current : null;

    /// <summary>Gets the keys and keeps them fresh, until it is cancelled.</summary>
    public async Task KeepKeysAsync(CancellationToken cancel)
    {
        await Task.WhenAll(certificates.EnsureAsync(cancel), cluster.EnsureAsync(cancel));
        keys.TrySetResult();
        await certificates.RunAsync(cancel);
    }

    public Func<CancellationToken, Task> AfterKeys(Func<CancellationToken, Task> loop) => async cancel =>
    {
        await keys.Task.WaitAsync(cancel);
        await loop(cancel);
    };

    public Func<CancellationToken, Task> AfterCaches(Func<CancellationToken, Task> loop) => async cancel =>
    {
        while (!pools.Synced || !pods.Synced)
            await Task.Delay(Interval, time, cancel);
        await loop(cancel);
    };
}
