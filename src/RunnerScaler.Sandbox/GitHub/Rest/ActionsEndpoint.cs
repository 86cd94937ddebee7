using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// What every request to the Actions service passes: faults, the reading of bodies, errors in its own form, counts. It
/// knows no rate limits, entity tags or versions of the REST interface.
/// </summary>
internal sealed class ActionsEndpoint(
    Organization organization, TimeProvider clock, RestFaults faults, RouteCounts counts)
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public RequestDelegate Open(string route, Func<ActionsCall, Task<ApiAnswer>> handle) =>
        http => ServeAsync(http, route, handle);

    private async Task ServeAsync(HttpContext http, string route, Func<ActionsCall, Task<ApiAnswer>> handle)
    {
        var latency = faults.DrawLatency();
        if (latency > TimeSpan.Zero) await Task.Delay(latency, clock, http.RequestAborted);
        http.Response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        var fault = faults.Draw(route, $"{http.Request.Path}{http.Request.QueryString}", repository: null);
        if (fault is { } early and not RestFault.LostReply)
        {
            counts.Add(route, await FaultAnswers.WriteAsync(http, early, faults.Plan, clock), counted: false);
            return;
        }

        var answer = await DecideAsync(http, handle);
        counts.Add(route, fault is null ? answer.Status : RouteCounts.NoAnswer, counted: false);
        if (fault is null) await WriteAsync(http, answer);
        else http.Abort();
    }

    private async Task<ApiAnswer> DecideAsync(HttpContext http, Func<ActionsCall, Task<ApiAnswer>> handle)
    {
        try
        {
            using var body = await ReadAsync(http);
            return await handle(new ActionsCall(http, organization, clock, body?.RootElement ?? default));
        }
        catch (JsonException)
        {
            return Error(ActionsRefusal.Invalid("The body is no JSON."));
        }
        catch (ActionsRefusal refusal)
        {
            return Error(refusal);
        }
        catch (GitHubRefusal refusal)
        {
            return ApiAnswer.Error(refusal.StatusCode, refusal.Message);
        }
    }

    private async Task WriteAsync(HttpContext http, ApiAnswer answer)
    {
        var response = http.Response;
        response.Headers["ActivityId"] = $"{Guid.NewGuid()}";
        response.Headers["X-GitHub-Request-Id"] = http.TraceIdentifier;
        response.StatusCode = answer.Status;
        if (answer.Body is null) return;
        var buffer = new ArrayBufferWriter<byte>(1024);
        if (faults.Plan.ByteOrderMark) buffer.Write(Encoding.UTF8.GetPreamble());
        await using (var json = new Utf8JsonWriter(buffer, Writing)) answer.Body(json);
        response.ContentType = "application/json; charset=utf-8; api-version=6.0-preview.1";
        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }

    private static async Task<JsonDocument?> ReadAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        return text.Length == 0 ? null : JsonDocument.Parse(text);
    }

    private static ApiAnswer Error(ActionsRefusal refusal) => new(
        refusal.StatusCode,
        json =>
        {
            json.WriteStartObject();
            json.WriteString("$id", "1");
            json.WriteNull("innerException");
            json.WriteString("message", refusal.Message);
            json.WriteString("typeName", refusal.TypeName);
            json.WriteString("typeKey", refusal.Kind);
            json.WriteNumber("errorCode", 0);
            json.WriteEndObject();
        });
}
