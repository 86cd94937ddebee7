using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Sandbox.Box;

/// <summary>
/// Sends what happens to jobs to the controller's webhook, signed, once each, as GitHub does: with what goes wrong on
/// the way.
/// </summary>
internal sealed class WebhookSender : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>GitHub waits no longer for an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly GitHubBox gitHub;
    private readonly Uri webhook;
    private readonly byte[] secret;
    private readonly WebhookFaults faults;
    private readonly Random random;
    private readonly TimeProvider time;
    private readonly HttpClient http = new() { Timeout = Patience };
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> sending = [];
    private readonly Task loop;
    private int sent;
    private int taken;

    private WebhookSender(
        GitHubBox gitHub, Uri webhook, byte[] secret, WebhookFaults faults, Random random, TimeProvider time)
    {
        (this.gitHub, this.webhook, this.secret) = (gitHub, webhook, secret);
        (this.faults, this.random, this.time) = (faults, random, time);
        loop = RunAsync(stop.Token);
    }

    /// <summary>Deliveries that were sent, and those of them that were answered with success.</summary>
    public (int Sent, int Taken) Counts => (sent, taken);

    public static WebhookSender Start(
        GitHubBox gitHub, Uri webhook, byte[] secret, WebhookFaults faults, Random random, TimeProvider time) =>
        new(gitHub, webhook, secret, faults, random, time);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        await Task.WhenAll(sending);
        http.Dispose();
        stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            for (var last = 0L; ; await Task.Delay(Interval, time, cancel))
            {
                sending.RemoveAll(s => s.IsCompletedSuccessfully);
                foreach (var delivery in gitHub.Organization.DeliveriesAfter(last))
                {
                    last = delivery.Id;
                    sending.AddRange(faults.Draw(random).Select(way => SendAsync(delivery, way, cancel)));
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    private async Task SendAsync(Delivery delivery, TimeSpan way, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(way, time, cancel);
            var payload = WebhookJson.Payload(gitHub.Organization, delivery, new Links(gitHub.Site));
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook)
            {
                Content = new ByteArrayContent(payload) { Headers = { ContentType = new("application/json") } },
                Headers =
                {
                    { "X-GitHub-Event", "workflow_job" },
                    { "X-GitHub-Delivery", $"{delivery.Guid}" },
                    { "X-Hub-Signature-256", WebhookJson.Sign(payload, secret) },
                },
            };
            Interlocked.Increment(ref sent);
            using var answer = await http.SendAsync(request, cancel);
            if (answer.IsSuccessStatusCode)
                Interlocked.Increment(ref taken);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // Nobody listened, or the run is over: GitHub does not try again, either.
        }
    }
}
