<?php
// For PHP's own server: what is no file is WordPress' to answer, as rewrite rules make it on a usual server.
$root = rtrim( $_SERVER['DOCUMENT_ROOT'], '/' );
$path = urldecode( (string) parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );
if ( $path !== '/' && is_file( $root . $path ) ) {
	return false;
}
$index                      = rtrim( (string) getenv( 'WP_TEST_FOLDER' ), '/' ) . '/index.php';
$_SERVER['SCRIPT_NAME']     = $index;
$_SERVER['PHP_SELF']        = $index;
$_SERVER['SCRIPT_FILENAME'] = $root . $index;
require $root . $index;
