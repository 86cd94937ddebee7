using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>What a route answers; the interface adds the headers that all answers share.</summary>
internal sealed record ApiAnswer(int Status, Action<Utf8JsonWriter>? Body = null)
{
    /// <summary>The <c>Link</c> header of a paged answer.</summary>
    public string? Link { get; init; }

    /// <summary>The <c>Location</c> header of a redirect.</summary>
    public string? Location { get; init; }

    public static readonly ApiAnswer NoContent = new(StatusCodes.Status204NoContent);

    public static ApiAnswer Ok(Action<Utf8JsonWriter> body) => new(StatusCodes.Status200OK, body);

    public static ApiAnswer Created(Action<Utf8JsonWriter> body) => new(StatusCodes.Status201Created, body);

    /// <summary>An empty object, for what was only accepted.</summary>
    public static ApiAnswer Empty(int status) => new(
        status,
        json =>
        {
            json.WriteStartObject();
            json.WriteEndObject();
        });

    /// <summary>GitHub's <c>basic-error</c>.</summary>
    public static ApiAnswer Error(int status, string message) => new(
        status,
        json =>
        {
            json.WriteStartObject();
            json.WriteString("message", message);
            json.WriteString("documentation_url", "https://docs.github.com/rest");
            json.WriteString("status", $"{status}");
            json.WriteEndObject();
        });
}
