using System.Globalization;
using System.Text;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>
/// The annotation that tells of a pod's <see cref="Grant"/>. It describes it, for people and for the next leader, and
/// holds nothing that authority follows from. Printable ASCII without &lt;, &gt; and &amp;, whose spelling in JSON
/// differs between encoders.
/// </summary>
internal static class MarkJson
{
    /// <summary>Ours are a tenth of it.</summary>
    private const int Longest = 2000;

    public static string Write(Grant? grant)
    {
        if (grant is null)
            return "";
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("runner", grant.RunnerName);
            writer.WriteNumber("attempt", grant.Attempt);
            writer.WriteString("at", grant.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            writer.WriteString("owner", grant.Target.Owner);
            if (grant.Target.Repository is { } repository)
                writer.WriteString("repository", repository);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>
    /// Reads the annotation. A text that is no mark still means that the pod was given something, by another version
    /// or a person: it is read as the mark of no identity, so that the pod is not taken for one without a job.
    /// </summary>
    /// <param name="text">The annotation; null or empty means no mark.</param>
    public static Mark? Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return JsonText.ParseObject(text, Longest) is { } mark ? Read(text, mark) : Unreadable();
    }

    private static Mark Read(string text, JsonElement? mark)
    {
        var runner = mark.Text("runner");
        if (mark.Text("owner") is not { } owner || (runner is null && mark.Member("runner") is not null))
            return Unreadable();
        return new Mark(
            text, mark.Number("attempt") ?? 1, mark.Time("at")?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch, owner,
            mark.Text("repository"))
        {
            RunnerName = runner,
            Account = AccountOf(mark),
        };
    }

    // Written until it was found that nobody should believe it.
    private static AccountKey? AccountOf(JsonElement? mark)
    {
        var (ns, secret, server) = (mark.Text("namespace"), mark.Text("secret"), mark.Text("server"));
        return (ns ?? secret ?? server) is null ? null : new AccountKey(ns ?? "", secret ?? "", server ?? "");
    }

    private static Mark Unreadable() => new("", 0, DateTimeOffset.UnixEpoch, "", null);
}
