using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>What came of asking for an identity.</summary>
internal enum ClaimOutcome
{
    Granted,

    /// <summary>Not now: wait as long as asked, then ask again.</summary>
    Later,

    /// <summary>The controller wants the pod to end.</summary>
    Retired,

    /// <summary>The token is not valid, or the pod is none of the controller's runners.</summary>
    Refused,
}

/// <param name="JitConfig">The runner's configuration when granted. A secret.</param>
/// <param name="Wait">How long to wait before asking again; zero for at once.</param>
internal sealed record ClaimAnswer(ClaimOutcome Outcome, string? JitConfig = null, TimeSpan Wait = default)
{
    public override string ToString() => $"{Outcome}, wait {Wait}";
}

/// <summary>
/// The claim protocol from the pod's side: <c>POST</c> with the pod's token and an empty body; 200 grants, 204 asks to
/// ask again at once, 429 and 503 after <c>Retry-After</c>, 410 retires, 401 and 403 refuse.
/// </summary>
internal sealed class ClaimClient : IDisposable
{
    /// <summary>The answer may be held 50 s; this much silence is a broken connection.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(70);
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(1);
    private readonly X509Certificate2Collection authorities = [];
    private readonly HttpClient http;
    private readonly Uri url;
    private readonly TimeProvider time;

    /// <param name="authorityPem">The only certificates that are trusted; empty for plain http.</param>
    /// <exception cref="CryptographicException">The text is no PEM bundle.</exception>
    public ClaimClient(Uri url, string authorityPem, TimeProvider time)
    {
        this.url = url;
        this.time = time;
        var handler = new SocketsHttpHandler();
        if (authorityPem.Length > 0)
        {
            authorities.ImportFromPem(authorityPem);
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks once.</summary>
    /// <exception cref="HttpRequestException">The controller cannot be reached, or its certificate is not
    /// trusted.</exception>
    /// <exception cref="TimeoutException">It did not answer in 70 s.</exception>
    public async Task<ClaimAnswer> AskAsync(string token, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var answer = await http.SendAsync(request, either.Token);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => Granted(await answer.Content.ReadAsStringAsync(either.Token)),
                HttpStatusCode.NoContent => new ClaimAnswer(ClaimOutcome.Later),
                HttpStatusCode.Gone => new ClaimAnswer(ClaimOutcome.Retired),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ClaimAnswer(ClaimOutcome.Refused),
                _ => new ClaimAnswer(ClaimOutcome.Later, Wait: answer.Headers.RetryAfter?.Delta ?? DefaultWait),
            };
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer to the claim in {Patience.TotalSeconds:0} s");
        }
    }

    public void Dispose()
    {
        http.Dispose();
        foreach (var authority in authorities)
            authority.Dispose();
    }

    private static ClaimAnswer Granted(string body)
    {
        try
        {
            if (JsonNode.Parse(body).Text("jitConfig") is { Length: > 0 } config)
                return new ClaimAnswer(ClaimOutcome.Granted, config);
        }
        catch (JsonException)
        {
            // Said below, without the body, which may hold a secret.
        }
        throw new HttpRequestException("the answer to the claim was 200 without a jitConfig");
    }
}
