using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Leading;

/// <summary>The Lease at the API server.</summary>
/// <param name="api">The API server.</param>
/// <param name="leaseNamespace">Where the Lease is.</param>
/// <param name="name">The Lease's name.</param>
/// <param name="ownAddress">Where this replica answers questions, for those that do not lead; null if that is not
/// known.</param>
internal sealed class ApiLeaseStore(ApiServer api, string leaseNamespace, string name, Func<Uri?> ownAddress)
    : ILeaseStore
{
    private const string Address = "runnerscaler.io/address";

    /// <summary>Kubernetes' MicroTime has six digits, no more and no less.</summary>
    private const string MicroTime = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    private readonly string all = ResourcePaths.Leases(leaseNamespace);

    private string One => $"{all}/{name}";

    public async Task<LeaseAnswer> GetAsync(CancellationToken cancel) => Read(await api.GetAsync(One, cancel));

    public async Task<LeaseAnswer> CreateAsync(LeaseRecord record, CancellationToken cancel) =>
        Read(await api.SendAsync(HttpMethod.Post, all, Write(record), cancel));

    public async Task<LeaseAnswer> UpdateAsync(LeaseRecord record, CancellationToken cancel) =>
        Read(await api.SendAsync(HttpMethod.Put, One, Write(record), cancel));

    private static LeaseAnswer Read(ApiAnswer answer)
    {
        if (answer.Code == 404)
            return new LeaseAnswer.Missing();
        if (answer.Code == 409)
            return new LeaseAnswer.Conflict();
        return answer.Ok ? new LeaseAnswer.Is(Read(answer.Root)) : new LeaseAnswer.Unavailable(answer.Why);
    }

    private static LeaseRecord Read(JsonElement? lease)
    {
        var spec = lease.Member("spec");
        return new LeaseRecord(
            spec.Text("holderIdentity") ?? "",
            TimeSpan.FromSeconds(spec.Number("leaseDurationSeconds") ?? 0),
            spec.Time("acquireTime"),
            spec.Time("renewTime"),
            spec.Number("leaseTransitions") ?? 0,
            lease.Member("metadata").Text("resourceVersion") ?? "")
        {
            Address = AddressIn(lease.Member("metadata").Member("annotations").Text(Address)),
        };
    }

    /// <summary>Whoever may write the Lease may say anything: only plain addresses are believed.</summary>
    private static Uri? AddressIn(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri is { Scheme: "http", UserInfo: "", PathAndQuery: "/", Fragment: "" }
        && IPAddress.TryParse(uri.IdnHost, out _)
            ? uri
            : null;

    private JsonObject Write(LeaseRecord record)
    {
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = leaseNamespace };
        if (record.ResourceVersion.Length > 0)
            metadata["resourceVersion"] = record.ResourceVersion;
        if (record.Holder.Length > 0 && ownAddress() is { } own)
            metadata["annotations"] = new JsonObject { [Address] = own.GetLeftPart(UriPartial.Authority) };
        return new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = record.Holder,
                ["leaseDurationSeconds"] = (int)record.Duration.TotalSeconds,
                ["acquireTime"] = Time(record.AcquiredAt),
                ["renewTime"] = Time(record.RenewedAt),
                ["leaseTransitions"] = record.Transitions,
            },
        };
    }

    private static string? Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture);
}
