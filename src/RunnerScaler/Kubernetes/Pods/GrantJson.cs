using System.Globalization;
using System.Text;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>
/// The annotation that holds a pod's <see cref="Grant"/>. Written in one spelling, so that what was read and is written
/// again is the same text: the compare-and-swap compares texts. The text is printable ASCII without &lt;, &gt; and
/// &amp;, whose spelling in JSON differs between encoders.
/// </summary>
internal static class GrantJson
{
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
            writer.WriteString("server", grant.Target.Account.Server);
            writer.WriteString("namespace", grant.Target.Account.Namespace);
            writer.WriteString("secret", grant.Target.Account.Secret);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>
    /// Reads the annotation. A text that is no grant still means that the pod was given something, by another version
    /// or a person: it is read as a grant to nobody that can be found, so that the pod is not taken for one without a
    /// job.
    /// </summary>
    /// <param name="text">The annotation; null or empty means no grant.</param>
    /// <param name="unreadable">What an unreadable one is read as.</param>
    public static Grant? Read(string? text, Func<Grant> unreadable)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        try
        {
            using var json = JsonDocument.Parse(text);
            return Read(json.RootElement) ?? unreadable();
        }
        catch (JsonException)
        {
            return unreadable();
        }
    }

    private static Grant? Read(JsonElement? grant)
    {
        if (grant.Text("runner") is not { } runner || grant.Text("owner") is not { } owner)
            return null;
        var account = new AccountKey(
            grant.Text("namespace") ?? "", grant.Text("secret") ?? "", grant.Text("server") ?? "");
        return new Grant(
            new RegistrationTarget(account, owner, grant.Text("repository")),
            runner,
            grant.Number("attempt") ?? 1,
            grant.Time("at")?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch);
    }
}
