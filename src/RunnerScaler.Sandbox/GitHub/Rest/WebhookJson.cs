using System.Security.Cryptography;
using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// The payload of the event <c>workflow_job</c>, and its signature
/// (https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_job).
/// </summary>
internal static class WebhookJson
{
    public static byte[] Payload(Organization organization, Delivery delivery, Links links)
    {
        var job = delivery.Job;
        var repository = organization.FindRepository(job.RepositoryId)!;
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("action", delivery.Action);
            json.WritePropertyName("workflow_job");
            json.WriteJob(job, organization.FindRun(job.RunId)!, repository, links);
            json.WritePropertyName("repository");
            json.WriteRepository(repository, links);
            json.WritePropertyName("sender");
            json.WriteAccount(repository.Owner, links);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    public static string Sign(byte[] payload, byte[] secret) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(secret, payload))}";
}
