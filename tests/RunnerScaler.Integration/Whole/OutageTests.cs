using System.Net;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster;

namespace RunnerScaler.Integration.Whole;

/// <summary>The API server is gone for longer than a lease lasts, and comes back.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task ThePodOfAJobThatCameMeanwhileIsMadeSoonAfter()
    {
        await using var box = await ControllerBox.OpenAsync();
        var near = new IPEndPoint(IPAddress.Loopback, FreePorts.Take(1)[0]);
        await using (new Relay(near, box.ApiAddress))
            await box.StartReadyAsync(new Uri($"https://{near}"));
        var gone = TimeProvider.System.GetTimestamp();
        box.Queue();
        await box.HoldsAsync("the outage is over", () => TimeProvider.System.GetElapsedTime(gone) > Outage);
        Assert.False(box.HasPods);

        await using var back = new Relay(near, box.ApiAddress);
        var ready = TimeProvider.System.GetTimestamp();
        await box.HoldsAsync("there is a pod", () => box.HasPods);
        output.WriteLine($"first pod {TimeProvider.System.GetElapsedTime(ready).TotalSeconds:0.0} s after the server");
        await box.HoldsAsync("the job ends", () => box.Organization.Statistics().CompletedTotal == 1);
        await box.UntilAsync("Ready", "True", "Serving");
        await box.UntilAsync("RightsMissing", "False", "NothingRefused");
    }
}
