namespace RunnerImage.Engine;

/// <summary>
/// Why a request cannot be answered, in words that docker prints after "Error response from daemon:".
/// </summary>
internal sealed class EngineException(int status, string message) : Exception(message)
{
    public const int Invalid = 400;
    public const int Unauthorized = 401;
    public const int NotFound = 404;
    public const int Conflict = 409;
    public const int Failed = 500;
    public const int NotHere = 501;

    /// <summary>The status of the answer.</summary>
    public int Status => status;

    public static EngineException NoImage(string name) => new(NotFound, $"No such image: {name}");

    public static EngineException NoReference(string text) =>
        new(Invalid, $"invalid reference format: \"{text}\" is no name of an image");
}
