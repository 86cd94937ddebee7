using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Web;

/// <summary>Writes answers as JSON or, for who prefers <c>text/plain</c>, as text for people.</summary>
internal static class Answers
{
    private const string Text = "text/plain; charset=utf-8";

    public static Task SendAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> shape, Func<T, string> asText)
    {
        if (!WantsText(context.Request))
            return context.Response.WriteAsJsonAsync(answer, shape, cancellationToken: context.RequestAborted);
        context.Response.ContentType = Text;
        return context.Response.WriteAsync(asText(answer), context.RequestAborted);
    }

    /// <summary>
    /// Says why there is no answer
    /// (<see href="https://www.rfc-editor.org/rfc/rfc9457">problem details</see>).
    /// </summary>
    public static Task RefuseAsync(HttpContext context, int status, string why)
    {
        var response = context.Response;
        response.StatusCode = status;
        if (WantsText(context.Request))
        {
            response.ContentType = Text;
            return response.WriteAsync(why + "\n", context.RequestAborted);
        }
        return response.WriteAsJsonAsync(
            new ProblemBody("about:blank", ReasonPhrases.GetReasonPhrase(status), status, why),
                AnswerJson.Default.ProblemBody,
            "application/problem+json", context.RequestAborted);
    }

    private static bool WantsText(HttpRequest request) =>
        request.Headers.Accept.ToString().StartsWith("text/plain", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Why there is no answer, as RFC 9457 has it.</summary>
internal sealed record ProblemBody(string Type, string Title, int Status, string Detail);

/// <summary>What stands in the answers; a field whose value is not known is left out.</summary>
[JsonSerializable(typeof(JobAnswer))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(PoolsAnswer))]
[JsonSerializable(typeof(PoolAnswer))]
[JsonSerializable(typeof(PodAnswer))]
[JsonSerializable(typeof(ChecksAnswer))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class AnswerJson : JsonSerializerContext;
