using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pods;

namespace RunnerScaler.Kubernetes.Claims;

/// <summary>
/// The claims endpoint's own authority and certificate, kept in a Secret so that all replicas serve the same. Whoever
/// comes first makes or renews them; the others take what is there.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="secretNamespace">The controller's own namespace.</param>
/// <param name="secretName">The Secret.</param>
/// <param name="url">The endpoint's address; its host is a name of the certificate.</param>
/// <param name="extraNames">Further names of the certificate.</param>
/// <param name="heartbeats">The loop beats here.</param>
/// <param name="random">Spreads the replicas' looks.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of what was made, and of what failed.</param>
internal sealed partial class ClaimCertificates(
    ApiServer api,
    string secretNamespace,
    string secretName,
    Uri url,
    IEnumerable<string> extraNames,
    Heartbeats heartbeats,
    Random random,
    TimeProvider time,
    ILogger<ClaimCertificates> log)
{
    private const string Loop = "claim certificates";
    private const int MostRaces = 5;
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);

    private readonly string[] names = [url.Host.Trim('[', ']'), .. extraNames];
    private readonly string all = ResourcePaths.Secrets(secretNamespace);
    private volatile CurrentKeys? held;

    /// <summary>The authorities that pods trust have changed.</summary>
    public event Action? Changed;

    /// <summary>The certificate to serve with now.</summary>
    /// <exception cref="InvalidOperationException">
    /// None has been had yet: wait for <see cref="EnsureAsync"/>.
    /// </exception>
    public X509Certificate2 Current => Now.Serving;

    /// <summary>The endpoint as pods are told of it.</summary>
    /// <inheritdoc cref="Current" path="/exception"/>
    public ClaimEndpoint Endpoint => Now.Endpoint;

    private CurrentKeys Now =>
        held ?? throw new InvalidOperationException("The claims endpoint has no certificate yet.");

    /// <summary>Returns when there are keys to serve with; tries until then.</summary>
    public async Task EnsureAsync(CancellationToken cancel)
    {
        var backoff = new Backoff(random);
        while (true)
        {
            heartbeats.Beat(Loop, LookEvery * 3);
            if (await TryAsync(cancel) is not { } problem)
                return;
            LogUnavailable(secretNamespace, secretName, problem);
            await Task.Delay(backoff.Next(), time, cancel);
        }
    }

    /// <summary>Looks about once an hour whether something is to be renewed, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            await EnsureAsync(cancel);
            await Task.Delay(LookEvery * (1 + random.NextDouble()), time, cancel);
        }
    }

    /// <summary>Null if it worked, else why not.</summary>
    private async Task<string?> TryAsync(CancellationToken cancel)
    {
        for (var race = 0; race < MostRaces; race++)
        {
            var answer = await api.GetAsync($"{all}/{secretName}", cancel);
            if (!answer.Ok && answer.Code != 404)
                return answer.Why;
            var version = answer.Ok ? answer.Metadata.Text("resourceVersion") ?? "" : null;
            var there = answer.Ok ? Read(answer.Root.Member("data")) : null;
            var wanted = ClaimKeyRules.Renew(there, names, time.GetUtcNow());
            if (!ReferenceEquals(wanted, there))
            {
                var written = await WriteAsync(wanted, version, cancel);
                if (written.Code == 409)
                    continue;
                if (!written.Ok)
                    return written.Why;
                LogRenewed(secretNamespace, secretName);
            }
            Hold(wanted);
            return null;
        }
        return "other replicas keep writing it";
    }

    private Task<ApiAnswer> WriteAsync(ClaimKeys keys, string? version, CancellationToken cancel)
    {
        var data = new JsonObject
        {
            [ClaimKeys.BundleEntry] = Base64(keys.Bundle),
            [ClaimKeys.SigningKeyEntry] = Base64(keys.SigningKey),
            [ClaimKeys.NextKeyEntry] = keys.NextKey is null ? null : Base64(keys.NextKey),
            [ClaimKeys.CertificateEntry] = Base64(keys.Certificate),
            [ClaimKeys.KeyEntry] = Base64(keys.Key),
        };
        if (version is not null)
        {
            var patch =
                new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = version }, ["data"] = data };
            return api.SendAsync(HttpMethod.Patch, $"{all}/{secretName}", patch, cancel, ApiServer.MergePatch);
        }
        if (keys.NextKey is null)
            data.Remove(ClaimKeys.NextKeyEntry);
        var secret = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = secretName,
                ["namespace"] = secretNamespace,
                ["labels"] = new JsonObject { [PodLabels.ManagedBy] = PodLabels.ManagedByValue },
            },
            ["data"] = data,
        };
        return api.SendAsync(HttpMethod.Post, all, secret, cancel);
    }

    private void Hold(ClaimKeys keys)
    {
        var before = held;
        if (before?.Keys == keys)
            return;
        // The certificate before may still be in use by a handshake: the collector disposes it.
        held = new CurrentKeys(keys, keys.Serving(), new ClaimEndpoint(url.AbsoluteUri, keys.Bundle));
        if (before is not null && before.Keys.Bundle != keys.Bundle)
            Changed?.Invoke();
    }

    private static ClaimKeys? Read(JsonElement? data) =>
        Text(data, ClaimKeys.BundleEntry) is { } bundle
        && Text(data, ClaimKeys.SigningKeyEntry) is { } signingKey
        && Text(data, ClaimKeys.CertificateEntry) is { } certificate
        && Text(data, ClaimKeys.KeyEntry) is { } key
            ? new ClaimKeys(bundle, signingKey, Text(data, ClaimKeys.NextKeyEntry), certificate, key)
            : null;

    private static string? Text(JsonElement? data, string entry) =>
        data.Member(entry) is { ValueKind: JsonValueKind.String } value && value.TryGetBytesFromBase64(out var bytes)
            ? Encoding.UTF8.GetString(bytes)
            : null;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    [LoggerMessage(
        Level = LogLevel.Information,
            Message = "Made or renewed the claims endpoint's keys in Secret {Namespace}/{Name}")]
    private partial void LogRenewed(string @namespace, string name);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "No keys for the claims endpoint from Secret {Namespace}/{Name}: {Why}")]
    private partial void LogUnavailable(string @namespace, string name, string why);

    private sealed record CurrentKeys(ClaimKeys Keys, X509Certificate2 Serving, ClaimEndpoint Endpoint);
}
