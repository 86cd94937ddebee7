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
internal static class ClaimAnnotationJson
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
    /// Reads the annotation. A text that is no annotation still means that the pod was given something, by another
    /// version or a person: it is read as the annotation of no identity, so that the pod is not taken for one without a
    /// job.
    /// </summary>
    /// <param name="text">The annotation; null or empty means no annotation.</param>
    public static ClaimAnnotation? Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return JsonText.ParseObject(text, Longest) is { } annotation ? Read(text, annotation) : Unreadable();
    }

    private static ClaimAnnotation Read(string text, JsonElement? annotation)
    {
        var runner = annotation.Text("runner");
        if (annotation.Text("owner") is not { } owner || (runner is null && annotation.Member("runner") is not null))
            return Unreadable();
        return new ClaimAnnotation(
            text, annotation.Number("attempt") ?? 1,
                annotation.Time("at")?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch, owner,
            annotation.Text("repository"))
        {
            RunnerName = runner,
            Account = AccountOf(annotation),
        };
    }

    // Written until it was found that nobody should believe it.
    private static AccountKey? AccountOf(JsonElement? annotation)
    {
        var (ns, secret, server) = (annotation.Text("namespace"), annotation.Text("secret"), annotation.Text("server"));
        return (ns ?? secret ?? server) is null ? null : new AccountKey(ns ?? "", secret ?? "", server ?? "");
    }

    private static ClaimAnnotation Unreadable() => new("", 0, DateTimeOffset.UnixEpoch, "", null);
}
