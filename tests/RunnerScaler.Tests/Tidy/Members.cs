using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy;

/// <summary>A type that is declared in a file.</summary>
internal sealed record TypeName(string Name, int Line);

/// <summary>A method, constructor or operator, from the first line of its signature to its last line.</summary>
internal sealed record Method(string Name, int Line, int Length);

/// <summary>
/// Finds types and methods in C# by matching brackets in masked code: no compiler, but enough to count lines. A member
/// ends at its closing brace, or at its semicolon if it has <c>=</c> or <c>=&gt;</c>.
/// </summary>
internal sealed partial class Members
{
    private readonly SourceFile file;
    private readonly string code;

    private Members(SourceFile file)
    {
        this.file = file;
        code = file.Code;
        Read(0, code.Length);
    }

    public List<TypeName> Types { get; } = [];

    public List<Method> Methods { get; } = [];

    public static Members Of(SourceFile file) => new(file);

    /// <summary>Reads the members of a file, a namespace or a type, whose text lies between the two places.</summary>
    private void Read(int at, int end)
    {
        while ((at = SkipSpaceAndAttributes(at, end)) < end)
        {
            var start = at;
            var head = code[start..IndexOfAny("{;(=", start, end)];
            if (Type().Match(head) is { Success: true } type)
                at = ReadType(type.Groups["name"].Value, start, end);
            else if (Namespace().IsMatch(head))
                at = ReadBody(start, end);
            else
                at = ReadMember(start, end);
        }
    }

    private int ReadType(string name, int start, int end)
    {
        Types.Add(new TypeName(name, file.LineAt(start)));
        var isEnum = Enumeration().IsMatch(code[start..IndexOfAny("{;", start, end)]);
        return isEnum ? MemberEnd(start, end) : ReadBody(start, end);
    }

    private int ReadBody(int start, int end)
    {
        var open = start;
        while (open < end && code[open] is not ('{' or ';'))
            open = code[open] is '(' ? Closing(open, end) + 1 : open + 1;
        if (open >= end || code[open] == ';')
            return open + 1;
        var close = Closing(open, end);
        Read(open + 1, close);
        return close + 1;
    }

    private int ReadMember(int start, int end)
    {
        var after = MemberEnd(start, end);
        if (Signature().Match(code[start..after]) is { Success: true } method)
        {
            var line = file.LineAt(start);
            Methods.Add(new Method(method.Groups["name"].Value, line, file.LineAt(after - 1) - line + 1));
        }

        return after;
    }

    private int MemberEnd(int start, int end)
    {
        var assigned = false;
        for (var i = start; i < end; i++)
        {
            switch (code[i])
            {
                case ';':
                    return i + 1;
                case '=' when Assigns(i, start, end):
                    assigned = true;
                    break;
                case '(' or '[':
                    i = Closing(i, end);
                    break;
                case '{':
                    i = Closing(i, end);
                    if (!assigned && !Assigned(i + 1, end))
                        return i + 1;
                    break;
            }
        }

        return end;
    }

    /// <summary>Whether this is <c>=</c> or <c>=&gt;</c>, and no comparison.</summary>
    private bool Assigns(int at, int start, int end) =>
        at > start && code[at - 1] is not ('=' or '!' or '<' or '>') && at + 1 < end && code[at + 1] != '=';

    /// <summary>Whether an initialiser follows: <c>{ get; } = value;</c></summary>
    private bool Assigned(int at, int end)
    {
        while (at < end && char.IsWhiteSpace(code[at]))
            at++;
        return at < end && code[at] == '=';
    }

    private int SkipSpaceAndAttributes(int at, int end)
    {
        while (at < end && (char.IsWhiteSpace(code[at]) || code[at] is '[' or '}' or ';'))
            at = code[at] == '[' ? Closing(at, end) + 1 : at + 1;
        return at;
    }

    private int Closing(int open, int end)
    {
        var depth = 0;
        for (var i = open; i < end; i++)
        {
            depth += code[i] is '(' or '[' or '{' ? 1 : code[i] is ')' or ']' or '}' ? -1 : 0;
            if (depth == 0)
                return i;
        }

        return end - 1;
    }

    private int IndexOfAny(string characters, int start, int end) =>
        code.AsSpan(start, end - start).IndexOfAny(characters) is var found and >= 0 ? start + found : end;

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?)\s+(?<name>\w+)")]
    private static partial Regex Type();

    [GeneratedRegex(@"^\s*namespace\s")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\benum\s")]
    private static partial Regex Enumeration();

    // Up to the parameters there is a name, perhaps a tuple as the type, and neither an assignment nor a body.
    [GeneratedRegex(@"^[^({=;]*?(?:\([^()]*\)[^({=;]*?)?(?:(?<name>\w+)(?:<[^({;]*>)?|\boperator\b(?<name>[^(]*))\(")]
    private static partial Regex Signature();
}
