using System.Collections.Concurrent;
using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes;

/// <summary>
/// Reads Secrets one by one, so that the controller needs no permission to list them. Answers are kept for some
/// seconds, and callers that ask for the same Secret at the same time share one request.
/// </summary>
internal sealed class SecretSource(ApiServer api, TimeProvider time) : ISecretSource
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<(string Namespace, string Name), Reading> readings = new();

    public async Task<SecretResult> ReadAsync(string ns, string name, CancellationToken cancel)
    {
        foreach (var (old, reading) in readings)
            if (reading.IsOver(time))
                readings.TryRemove(new(old, reading));
        var mine = new Reading(time.GetTimestamp());
        var shared = readings.GetOrAdd((ns, name), mine);
        if (ReferenceEquals(shared, mine))
            _ = FillAsync(mine, ns, name);
        var result = await shared.Result.Task.WaitAsync(cancel);
        // What failed is asked again by the next caller.
        if (result is SecretResult.Unavailable)
            readings.TryRemove(new((ns, name), shared));
        return result;
    }

    // Belongs to all who wait for it, so that nobody's cancellation ends it; the request has a deadline of its own.
    private async Task FillAsync(Reading reading, string ns, string name)
    {
        try
        {
            var path = $"{ResourcePaths.Secrets(ns)}/{Uri.EscapeDataString(name)}";
            reading.Result.SetResult(Read(await api.GetAsync(path, CancellationToken.None), ns, name));
        }
        catch (Exception e)
        {
            reading.Result.SetException(e);
        }
    }

    private static SecretResult Read(ApiAnswer answer, string ns, string name)
    {
        if (answer.Code == 404)
            return new SecretResult.Missing();
        if (answer.Code == 403)
            return new SecretResult.Unavailable(
                $"the controller may not read Secret '{name}' in namespace '{ns}': bind its role there");
        if (!answer.Ok)
            return new SecretResult.Unavailable(answer.Why);
        var data = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var (key, text) in answer.Root.Member("data").Fields())
            if (text.ValueKind == JsonValueKind.String && text.TryGetBytesFromBase64(out var value))
                data[key] = value;
        return new SecretResult.Found(data, answer.Metadata.Text("resourceVersion") ?? "");
    }

    private sealed class Reading(long at)
    {
        public TaskCompletionSource<SecretResult> Result { get; } = new(
            TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsOver(TimeProvider time) => Result.Task.IsCompleted && time.GetElapsedTime(at) >= KeptFor;
    }
}
